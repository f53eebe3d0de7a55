//! What-if on a server: what is asked is asked of the book as it would be.

use std::cell::OnceCell;

use ledger_core::domain::position::Position;
use projections::AsAt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::client::{Effect, UserError};
use super::posting::{at_most_together, inputs};
use super::wire::{Text, as_at};
use super::{Server, document};
use crate::cli::exit::{CliError, Exit};
use crate::cli::postings_file::all_pass;
use crate::cli::source::supposing::{self, Supposing};

/// What came of a posting that was supposed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome {
    position: Option<Text<Position>>,
    user_errors: Vec<UserError>,
}

impl Outcome {
    /// The position its entry would have, or the first rule it breaks.
    pub(super) fn told(self) -> Result<Position, CliError> {
        let refused = || CliError::new(Exit::Refused, "REFUSED", "it would be refused");
        match self.user_errors.into_iter().next() {
            Some(error) => Err(error.told()),
            None => self.position.map(|Text(position)| position).ok_or_else(refused),
        }
    }
}

/// What came of all of them.
#[derive(Deserialize)]
struct Outcomes {
    outcomes: Vec<Outcome>,
}

/// Rows asked for at a time: each page supposes anew, and counts with all that is supposed against
/// what a question may cost.
const PAGE_SUPPOSED: usize = 250;

/// What a server is to suppose before it answers.
pub(super) struct Supposition {
    supposing: Supposing,
    /// The postings as mutations.
    inputs: Vec<Value>,
    /// The entry that they follow, once it is known.
    from: OnceCell<Position>,
}

impl Server {
    /// The same server, with what is supposed.
    pub(in crate::cli) fn supposing(self, supposing: Supposing) -> Result<Self, CliError> {
        at_most_together(supposing.postings.postings.len())?;
        let inputs = inputs(&supposing.postings.postings, false)?;
        let supposition = Supposition { supposing, inputs, from: OnceCell::new() };
        Ok(Server { supposition: Some(supposition), ..self })
    }

    /// For what reads the log or writes to it.
    pub(super) fn supposes_nothing(&self) -> Result<(), CliError> {
        supposing::nothing(self.supposition.is_some())
    }

    /// Asks, of the book as it would be where something is supposed.
    pub(super) fn ask<T: DeserializeOwned>(
        &self,
        document: &str,
        variables: &Value,
    ) -> Result<T, CliError> {
        #[derive(Deserialize)]
        struct Book<T> {
            book: T,
        }
        let Some(supposition) = &self.supposition else {
            return self.client.ask(document, variables, Effect::None);
        };
        if supposition.from.get().is_none() {
            // What is refused is said first, whatever is asked.
            let (from, told) =
                self.supposed::<Outcomes>(supposition, document::OUTCOMES, json!({}))?;
            let outcomes = told.outcomes.into_iter().map(Outcome::told);
            all_pass(&supposition.supposing.postings.lines, outcomes)?;
            supposition.supposing.note(from);
        }
        let mut variables = variables.clone();
        if variables.get("first").is_some() {
            variables["first"] = json!(PAGE_SUPPOSED);
        }
        let (_, told) =
            self.supposed::<Book<T>>(supposition, &document::supposing(document), variables)?;
        Ok(told.book)
    }

    /// What a server tells of what is supposed, and the entry that it follows: the same every time.
    fn supposed<T: DeserializeOwned>(
        &self,
        supposition: &Supposition,
        document: &str,
        mut variables: Value,
    ) -> Result<(Position, T), CliError> {
        #[derive(Deserialize)]
        struct WhatIf<T> {
            from: Text<Position>,
            #[serde(flatten)]
            told: T,
        }
        #[derive(Deserialize)]
        struct Told<T> {
            supposed: WhatIf<T>,
        }
        let Supposition { supposing, inputs, from: known } = supposition;
        let after = match (supposing.after, known.get()) {
            (AsAt::Now, Some(from)) => AsAt::Position(*from),
            (after, _) => after,
        };
        variables["supposed"] = json!({ "postings": inputs });
        variables["supposedAfter"] = as_at(after);
        let told: Told<T> = self.client.ask(document, &variables, Effect::None)?;
        let WhatIf { from: Text(from), told } = told.supposed;
        if *known.get_or_init(|| from) != from {
            return Err(CliError::new(
                Exit::Conflict,
                "BOOK_WENT_ON",
                "the book went on while it was asked: ask again, or name an entry by --at",
            ));
        }
        Ok((from, told))
    }
}
