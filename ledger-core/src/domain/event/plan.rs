//! Events about withdrawn forecasts and baselines, and cancelled funds.

use serde::{Deserialize, Serialize};

use super::Series;
use super::payload::payload;
use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::code::FundCode;
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::movement::Legs;
use crate::domain::position::Position;
use crate::domain::text::BaselineName;

payload!(
    /// A forecast that was withdrawn.
    ForecastWithdrawn {
        /// The entry that stated it.
        pub entry: Position,
        /// The line.
        pub line: LineKey,
        /// The month in which it was stated.
        pub month: Month,
        /// Reported, or internal.
        pub series: Series,
        /// The forecast of that month that now stands, where another entry stated one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub stands: Option<Pence>,
    }
);

payload!(
    /// A baseline that was withdrawn.
    BaselineWithdrawn {
        /// The year.
        pub year: FinancialYear,
        /// Its name, which is free again.
        pub name: BaselineName,
    }
);

payload!(
    /// A fund's unallocated money, given up.
    FundCancelled {
        /// The fund that was named.
        pub fund: FundCode,
        /// From it and the funds below it to a fund above, or to the Treasury.
        pub legs: Legs,
    }
);
