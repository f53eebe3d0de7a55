//! The sample book: public figures of NHS technology money, each with its source.
//!
//! Its clock records plans on 1 April of their year, and forecasts and outturns on the day they were
//! published. So answers as of a date use only what was known, and every load has the same root.
//! Figures without a source are marked as inferred, with their derivation.

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

/// A posting on each line, with the day it is recorded on.
const POSTINGS: &str = include_str!("postings.jsonl");

/// The department at the top of the sample book, by its ODS code.
pub const DEPARTMENT: &str = "XDH";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dated {
    on: NaiveDate,
    /// The person who posts it, if not the loader.
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
        Arc::new(Actor {
            id,
            capacities,
            administers: false,
            lapsed: Vec::new(),
            reads: Arc::default(),
        })
    }
}

/// Why the sample book cannot be loaded: its file does not fit the rules.
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

/// The clock of the sample book: fixed at the last moment set, then the system's clock once
/// released.
#[derive(Clone, Default)]
pub struct SampleClock(Arc<AtomicI64>);

/// The value of a clock that was released.
const RUNNING: i64 = i64::MIN;

impl SampleClock {
    /// The clock in the form a writer takes.
    pub fn clock(&self) -> Clock {
        let moment = Arc::clone(&self.0);
        Box::new(move || match moment.load(Ordering::Acquire) {
            RUNNING => crate::clock::now(),
            micros => Timestamp::from_micros(micros),
        })
    }

    /// Switches to the system's clock.
    pub fn release(&self) {
        self.0.store(RUNNING, Ordering::Release);
    }

    fn set(&self, moment: Timestamp) {
        self.0.store(moment.micros(), Ordering::Release);
    }
}

/// The actor that posts the sample book.
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

/// The first entry of the sample book.
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
/// [`SampleError`] if a posting is refused.
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
    clock.release();
    Ok(count)
}
