//! A running server as a door: documents go over HTTP, as any client's do.

use std::cell::Cell;

use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use serde_json::{Value, json};

use super::client::Client;
use super::follow::LEDGER;
use super::table::{at, whole};
use super::variables::with;
use super::{Door, PartialNote, Stop, Upload};
use crate::cli::exit::CliError;
use crate::postings::outcome::Outcome;

/// Rows asked for at a time: as many as a server gives by default.
const PAGE: usize = 500;

/// A running server.
pub(in crate::cli) struct Server {
    client: Client,
    partial: PartialNote,
    /// The rows to ask for at a time.
    page: Cell<usize>,
}

impl Server {
    pub(in crate::cli) fn new(client: Client) -> Self {
        Server { client, partial: PartialNote::default(), page: Cell::new(PAGE) }
    }
}

impl Door for Server {
    fn ask(&self, document: &str, variables: &Value) -> Result<Value, CliError> {
        let mut asked = variables.clone();
        loop {
            let data = match self.client.ask(document, &asked) {
                // A server may be told to give shorter pages.
                Err(error) if error.code() == "BAD_PAGE" && self.page.get() > 1 => {
                    self.page.set(self.page.get() / 2);
                    asked = with(asked, json!({ "first": self.page.get() }));
                    continue;
                }
                data => data?,
            };
            self.partial.check(&data);
            return Ok(data);
        }
    }

    fn page(&self) -> usize {
        self.page.get()
    }

    fn follow(
        &self,
        document: &str,
        variables: &Value,
        stop: &Stop,
        event: &mut dyn FnMut(&Value) -> Result<bool, CliError>,
    ) -> Result<(), CliError> {
        super::follow::follow(self, &self.client, document, variables, stop, event)
    }

    fn post(
        &self,
        upload: Upload<'_>,
        outcome: &mut dyn FnMut(Outcome) -> Result<(), CliError>,
    ) -> Result<Position, CliError> {
        let Upload { actor, postings, switches, accept_clock } = upload;
        if accept_clock {
            return Err(CliError::usage(
                "--accept-clock is for a data folder: to accept a server's clock, start it with `budget-ledger serve --accept-clock`",
            ));
        }
        if let Some(actor) = actor {
            return Err(CliError::usage(format!(
                "a server tells by itself who posts, and would not post as {actor}: leave out --actor and BUDGET_LEDGER_ACTOR"
            )));
        }
        let head = self.ask(LEDGER, &Value::Null)?;
        let head = whole(at(&head, "ledger.head")).unwrap_or_default();
        self.client.upload(&lines(&postings)?, postings.len(), switches, outcome)?;
        Ok(Position::new(head))
    }
}

/// Postings as lines of JSON.
fn lines(postings: &[Posting]) -> Result<Vec<u8>, CliError> {
    let mut lines = Vec::new();
    for posting in postings {
        serde_json::to_writer(&mut lines, posting).map_err(std::io::Error::from)?;
        lines.push(b'\n');
    }
    Ok(lines)
}
