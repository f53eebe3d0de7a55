//! The sample book: public figures of NHS technology money, each with its source.
//!
//! It is a reconstruction, on a clock of its own: plans are recorded on 1 April of their year,
//! forecasts on their publication, outturns on theirs, so "as known on a date" gives what was
//! known, and every loading gives the same bytes and the same root. What no source states says
//! that it is inferred, and how.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::NaiveDate;
use ledger_core::domain::actor::{Actor, Capacity};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::{ActorId, BookId};
use ledger_core::state::Genesis;
use ledger_core::writer::{Clock, Refusal, Writer};
use serde::Deserialize;

/// The postings, one a line, each with the day it is recorded on.
const POSTINGS: &str = include_str!("postings.jsonl");

/// The department at the top of the sample book, by its ODS code.
pub const DEPARTMENT: &str = "XDH";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dated {
    on: NaiveDate,
    /// Who posts it, where that is not the loader.
    #[serde(default)]
    by: Option<Signatory>,
    posting: Posting,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signatory {
    id: ActorId,
    capacities: Vec<Capacity>,
}

impl From<Signatory> for Arc<Actor> {
    fn from(Signatory { id, capacities }: Signatory) -> Self {
        Arc::new(Actor { id, capacities, administers: false, lapsed: Vec::new() })
    }
}

/// Why the sample book cannot be loaded: never, unless its file and the rules have drifted apart.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// A line of the file is not a posting.
    #[error("line {line} of the sample book is not a posting: {error}")]
    Form {
        /// Which line.
        line: usize,
        /// What is wrong with it.
        error: String,
    },
    /// A posting is refused.
    #[error("line {line} of the sample book is refused: {refusal}")]
    Refused {
        /// Which line.
        line: usize,
        /// Why.
        refusal: Refusal,
    },
}

/// The clock of the sample book, which stands where it is set and, once let go, runs as the
/// system's does.
#[derive(Clone, Default)]
pub struct SampleClock(Arc<AtomicI64>);

/// What a clock that was let go holds.
const RUNNING: i64 = i64::MIN;

impl SampleClock {
    /// The clock as a writer wants it.
    pub fn clock(&self) -> Clock {
        let stands = Arc::clone(&self.0);
        Box::new(move || match stands.load(Ordering::Acquire) {
            RUNNING => crate::clock::now(),
            micros => Timestamp::from_micros(micros),
        })
    }

    /// Lets the clock run.
    pub fn let_go(&self) {
        self.0.store(RUNNING, Ordering::Release);
    }

    fn set(&self, moment: Timestamp) {
        self.0.store(moment.micros(), Ordering::Release);
    }
}

/// Who posts the sample book.
///
/// # Errors
///
/// None: the id is fixed.
pub fn actor() -> Result<ActorId, SampleError> {
    fixed("sample-loader")
}

fn fixed<T: std::str::FromStr>(text: &str) -> Result<T, SampleError>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| SampleError::Form { line: 0, error: error.to_string() })
}

fn postings() -> Result<Vec<Dated>, SampleError> {
    let read = |(index, line)| {
        serde_json::from_str(line).map_err(|error: serde_json::Error| SampleError::Form {
            line: index + 1,
            error: error.to_string(),
        })
    };
    POSTINGS.lines().enumerate().map(read).collect()
}

/// How the sample book begins.
///
/// # Errors
///
/// None, unless its file is malformed.
pub fn genesis() -> Result<Genesis, SampleError> {
    let first = postings()?.first().map(|dated| dated.on).unwrap_or_default();
    Ok(Genesis {
        book: BookId::new(*b"NHS tech, sample"),
        department: fixed(DEPARTMENT)?,
        name: fixed("Department of Health and Social Care")?,
        policy: Policy::default(),
        recorded: Timestamp::noon(first),
        actor: actor()?,
    })
}

/// Posts the sample book into a book begun by [`genesis`], on its own clock.
///
/// # Errors
///
/// [`SampleError`] where a posting is refused.
pub fn load(writer: &Writer, clock: &SampleClock) -> Result<usize, SampleError> {
    let (postings, loader) = (postings()?, actor()?);
    let count = postings.len();
    for (index, Dated { on, by, posting }) in postings.into_iter().enumerate() {
        clock.set(Timestamp::noon(on));
        let who = by.map_or_else(|| (&loader).into(), Arc::<Actor>::from);
        let outcome = writer.post_all_blocking(who, vec![posting]).pop();
        if let Some(Err(refusal)) = outcome {
            return Err(SampleError::Refused { line: index + 1, refusal });
        }
    }
    clock.let_go();
    Ok(count)
}
