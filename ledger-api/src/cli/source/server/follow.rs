//! Following a server: subscriptions as server-sent events (graphql-sse, a connection for each).

use std::io::{BufRead, BufReader};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use ledger_core::domain::position::Position;
use projections::AsAt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ureq::Body;
use ureq::http::{Response, StatusCode};

use super::asking::{entry_filter, line_filter};
use super::client::{Client, OPENING, UNREACHABLE};
use super::node::EntryNode;
use super::wire::{Text, as_at, member};
use super::{Server, document};
use crate::cli::exit::{CliError, Exit};
use crate::cli::source::question::{EntryFilter, Question};
use crate::cli::source::read_entry;
use crate::cli::write;

/// The first wait before a dropped connection is tried again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// The longest of them.
const LAST_WAIT: Duration = Duration::from_secs(8);

/// Events that are held until they are written.
const HELD: usize = 64;

/// What comes of following.
pub(super) enum Heard {
    /// The data of an event, as it was sent.
    Event(String),
    /// The connection has ended.
    Dropped,
}

/// A connection on which a server tells events.
struct Events {
    heard: Receiver<Heard>,
}

/// Ends following when the program is told to stop.
pub(in crate::cli) struct Stop(Receiver<()>);

impl Stop {
    /// Waits for Ctrl-C, or for whoever else ends the program.
    pub(in crate::cli) fn on_signal() -> Result<Self, CliError> {
        let (tell, stop) = sync_channel(1);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let signals = {
            let _guard = runtime.enter();
            use tokio::signal::unix::{SignalKind, signal};
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
        };
        thread::Builder::new().name("signals".into()).spawn(move || {
            let (mut interrupt, mut terminate) = signals;
            runtime.block_on(async {
                tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            });
            // Nobody may be following any more.
            _ = tell.send(());
        })?;
        Ok(Stop(stop))
    }

    /// Waits; whether to stop.
    fn after(&self, wait: Duration) -> bool {
        !matches!(self.0.recv_timeout(wait), Err(RecvTimeoutError::Timeout))
    }
}

impl Events {
    /// Reads events on a thread of its own, so that whoever waits for them can also be stopped.
    fn of(response: Response<Body>) -> Result<Self, CliError> {
        let (tell, heard) = sync_channel(HELD);
        thread::Builder::new().name("events".into()).spawn(move || {
            read_events(BufReader::new(response.into_body().into_reader()), &tell);
            drop(tell.send(Heard::Dropped));
        })?;
        Ok(Events { heard })
    }
}

/// Reads events until the stream ends or nobody listens any more.
fn read_events(stream: impl BufRead, tell: &SyncSender<Heard>) {
    let mut next = false;
    for line in stream.lines().map_while(Result::ok) {
        if let Some(event) = line.strip_prefix("event: ") {
            next = event == "next";
        } else if let Some(data) = line.strip_prefix("data: ")
            && next
            && tell.send(Heard::Event(data.to_owned())).is_err()
        {
            return;
        }
    }
}

/// What is followed.
#[derive(Clone, Copy)]
pub(in crate::cli) enum Followed<'q> {
    /// Entries, from after a position on.
    Entries(&'q EntryFilter, Position),
    /// The positions at which a year's figures may have changed.
    Figures(&'q Question),
}

impl Server {
    /// Follows a book until it is stopped or `told` gives false. It is given each entry once and in
    /// order, or each position of figures once. A dropped connection is made again, from where it
    /// was.
    pub(in crate::cli) fn follow(
        &self,
        followed: Followed<'_>,
        stop: &Stop,
        told: &mut dyn FnMut(Told) -> Result<bool, CliError>,
    ) -> Result<(), CliError> {
        let book = self.ledger()?.book;
        let (mut last, mut wait, mut said) = (None, FIRST_WAIT, false);
        loop {
            match self.follow_once(followed, &book, &mut last, stop, told) {
                Ok(true) => return Ok(()),
                Ok(false) => (wait, said) = (FIRST_WAIT, false),
                Err(error) if is_passing(&error) => {
                    if !said {
                        write::note(&format!(
                            "{} (trying again until it is back)",
                            error.message()
                        ));
                    }
                    said = true;
                }
                Err(error) => return Err(error),
            }
            if stop.after(wait) {
                return Ok(());
            }
            wait = (wait * 2).min(LAST_WAIT);
        }
    }

    /// Follows on one connection. Gives whether that was all.
    fn follow_once(
        &self,
        followed: Followed<'_>,
        book: &str,
        last: &mut Option<Position>,
        stop: &Stop,
        told: &mut dyn FnMut(Told) -> Result<bool, CliError>,
    ) -> Result<bool, CliError> {
        let ledger = self.ledger()?;
        if ledger.book != book {
            let message = format!(
                "{} serves another book now: begin again to follow that one",
                self.client.url()
            );
            return Err(CliError::new(Exit::Conflict, "ANOTHER_BOOK", message));
        }
        let (document, variables) = match followed {
            Followed::Entries(filter, after) => {
                let after = last.map_or(after, |last| last.max(after));
                let after = as_at(AsAt::Position(after));
                (
                    document::FOLLOW_ENTRIES,
                    json!({ "after": after, "filter": entry_filter(filter) }),
                )
            }
            Followed::Figures(question) => (document::FOLLOW_FIGURES, figures(question)),
        };
        let events = Events::of(self.client.stream(document, &variables)?)?;
        loop {
            if stop.after(Duration::ZERO) {
                return Ok(true);
            }
            let event = match events.heard.recv_timeout(Duration::from_millis(100)) {
                Ok(Heard::Event(event)) => event,
                Err(RecvTimeoutError::Timeout) => continue,
                Ok(Heard::Dropped) | Err(RecvTimeoutError::Disconnected) => return Ok(false),
            };
            let heard = match followed {
                Followed::Entries(..) => Told::entry(&self.client, &event)?,
                Followed::Figures(_) => Told::figures(&self.client, &event)?,
            };
            let position = heard.position()?;
            if last.is_none_or(|last| position > last) {
                if !told(heard)? {
                    return Ok(true);
                }
                *last = Some(position);
            }
        }
    }
}

fn figures(question: &Question) -> Value {
    json!({
        "year": question.year.to_string(),
        "filter": line_filter(question),
        "rollup": question.rollup.map(member),
        "through": question.through.map(|month| month.to_string()),
    })
}

/// Whether a server that was there may come back.
fn is_passing(error: &CliError) -> bool {
    [UNREACHABLE, OPENING, "INTERNAL_SERVER_ERROR", "TIMEOUT"].contains(&error.code())
}

/// What a follower is told.
pub(in crate::cli) enum Told {
    /// An entry as it is stored.
    Entry(Vec<u8>),
    /// The position of the newest figures.
    Figures(Position),
}

impl Told {
    fn entry(client: &Client, event: &str) -> Result<Self, CliError> {
        #[derive(Deserialize)]
        struct Data {
            entries: EntryNode,
        }
        let Data { entries } = data(client, event)?;
        Ok(Told::Entry(entries.canonical.into_bytes()))
    }

    fn figures(client: &Client, event: &str) -> Result<Self, CliError> {
        #[derive(Deserialize)]
        struct At {
            position: Text<Position>,
        }
        #[derive(Deserialize)]
        struct Data {
            figures: At,
        }
        let Data { figures } = data(client, event)?;
        Ok(Told::Figures(figures.position.0))
    }

    fn position(&self) -> Result<Position, CliError> {
        match self {
            Told::Entry(line) => Ok(read_entry(line)?.position),
            Told::Figures(position) => Ok(*position),
        }
    }
}

fn data<T: DeserializeOwned>(client: &Client, event: &str) -> Result<T, CliError> {
    client.read(StatusCode::OK, event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_what_stands_after_next_and_nothing_else() {
        let stream = ":\n\nevent: next\ndata: {\"a\":1}\n\n:\n\nevent: next\ndata: 2\n\nevent: complete\ndata: \n\n";
        let (tell, heard) = sync_channel(9);
        read_events(stream.as_bytes(), &tell);
        drop(tell);
        let told: Vec<String> = heard
            .iter()
            .filter_map(|heard| if let Heard::Event(data) = heard { Some(data) } else { None })
            .collect();
        assert_eq!(told, [r#"{"a":1}"#, "2"]);
    }
}
