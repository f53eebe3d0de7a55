//! Positions in the log.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The position of an entry in the log: 1, 2, 3 and so on without gaps. 0 is before the first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(u64);

impl Position {
    /// The position before the first entry.
    pub const START: Position = Position(0);

    /// The position with this number.
    pub const fn new(number: u64) -> Self {
        Position(number)
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The next one.
    #[must_use]
    pub const fn next(self) -> Self {
        Position(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let wrong = || PositionError(text.to_owned());
        if text.starts_with('+') {
            return Err(wrong());
        }
        text.parse().map(Position).map_err(|_| wrong())
    }
}

/// Why a text is not a position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a position: write the entry's number, such as 42")]
pub struct PositionError(String);
