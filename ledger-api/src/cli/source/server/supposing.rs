//! What-if on a server: what is asked is asked of the book as it would be.

use std::cell::OnceCell;

use ledger_core::domain::position::Position;
use projections::AsAt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::client::{Effect, UserError};
use super::posting::inputs;
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

/// What a server is to suppose before it answers.
pub(super) struct Supposition {
    supposing: Supposing,
    /// The postings as mutations.
    inputs: Vec<Value>,
    /// The entry that they follow, once an answer has said which: where that is now, the next answers
    /// rest on the same.
    from: OnceCell<Position>,
}

impl Server {
    /// The same server, with what is supposed.
    pub(in crate::cli) fn supposing(self, supposing: Supposing) -> Result<Self, CliError> {
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
        struct WhatIf<T> {
            from: Text<Position>,
            outcomes: Vec<Outcome>,
            book: T,
        }
        #[derive(Deserialize)]
        struct Told<T> {
            supposed: WhatIf<T>,
        }
        let Some(Supposition { supposing, inputs, from }) = &self.supposition else {
            return self.client.ask(document, variables, Effect::None);
        };
        let after = match (supposing.after, from.get()) {
            (AsAt::Now, Some(from)) => AsAt::Position(*from),
            (after, _) => after,
        };
        let mut variables = variables.clone();
        variables["supposed"] = json!({ "postings": inputs });
        variables["supposedAfter"] = as_at(after);
        let document = document::supposing(document);
        let told: Told<T> = self.client.ask(&document, &variables, Effect::None)?;
        let WhatIf { from: Text(followed), outcomes, book } = told.supposed;
        all_pass(&supposing.postings.lines, outcomes.into_iter().map(Outcome::told))?;
        if from.set(followed).is_ok() {
            supposing.note(followed);
        }
        Ok(book)
    }
}
