//! How verbs ask a book and post to it, wherever the book is.
//!
//! A [`Door`] executes committed GraphQL documents: [`folder`] in process on a data folder,
//! [`server`] over HTTP. [`table`] pairs a document with the columns of its answer, [`what_if`] asks
//! the same documents of a book as it would be, and [`place`] reads the arguments that choose.

mod client;
mod fault;
pub(in crate::cli) mod folder;
pub(in crate::cli) mod follow;
pub(in crate::cli) mod place;
pub(in crate::cli) mod scenario;
pub(in crate::cli) mod server;
pub(in crate::cli) mod sign_in;
pub(in crate::cli) mod table;
pub(in crate::cli) mod variables;
pub(in crate::cli) mod what_if;

use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::ActorId;
use serde_json::Value;

use crate::cli::exit::CliError;
use crate::cli::post::write::note;
use crate::postings::outcome::Outcome;
use crate::postings::upload::Switches;
pub(in crate::cli) use follow::Stop;

/// A book to ask and to post to.
pub(in crate::cli) trait Door {
    /// Executes a query and gives its data.
    fn ask(&self, document: &str, variables: &Value) -> Result<Value, CliError>;

    /// How many rows to ask for at a time.
    fn page(&self) -> usize;

    /// Follows a subscription until `stop`, or until `event` gives false. Each event is given once and
    /// in order, across dropped connections.
    fn follow(
        &self,
        document: &str,
        variables: &Value,
        stop: &Stop,
        event: &mut dyn FnMut(&Value) -> Result<bool, CliError>,
    ) -> Result<(), CliError>;

    /// Judges postings and posts them, as the switches say. Gives each outcome in the order of the
    /// postings, and the last entry there was before; an error of `outcome` ends it.
    fn post(
        &self,
        upload: Upload<'_>,
        outcome: &mut dyn FnMut(Outcome) -> Result<(), CliError>,
    ) -> Result<Position, CliError>;
}

/// Postings on their way to a book.
pub(in crate::cli) struct Upload<'u> {
    /// The actor, where one is named.
    pub(in crate::cli) actor: Option<&'u ActorId>,
    pub(in crate::cli) postings: Vec<Posting>,
    pub(in crate::cli) switches: Switches,
    /// Post although the clock is doubted.
    pub(in crate::cli) accept_clock: bool,
}

/// Tells the reader, once, that an answer covers a part of the book.
#[derive(Default)]
struct PartialNote(std::cell::Cell<bool>);

impl PartialNote {
    /// Looks for `partial` in the root fields of an answer.
    fn check(&self, data: &Value) {
        let fields = data.as_object().into_iter().flat_map(|data| data.values());
        let mut flags = fields.filter_map(|field| field.get("partial")?.as_bool());
        if flags.any(|partial| partial) && !self.0.replace(true) {
            note("This is of what you may read, not of all there is.");
        }
    }
}
