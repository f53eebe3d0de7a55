//! Following a server: subscriptions as server-sent events (graphql-sse, a connection for each).

use std::io::{BufRead, BufReader};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Body;
use ureq::http::{Response, StatusCode};

use super::Door;
use super::client::{Client, OPENING, UNREACHABLE};
use super::server::Server;
use crate::cli::exit::{CliError, Exit};
use crate::cli::post::write;

/// The book that a server serves, and where it ends.
pub(in crate::cli) const LEDGER: &str = include_str!("../documents/ledger.graphql");

/// The first wait before a dropped connection is tried again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// The longest of them.
const LAST_WAIT: Duration = Duration::from_secs(8);

/// Events that wait to be written.
const BUFFERED: usize = 64;

/// What arrives on a connection.
#[derive(Debug, PartialEq, Eq)]
enum Received {
    /// An event, and its id if it has one.
    Event { id: Option<String>, data: String },
    /// The end of the connection.
    End,
}

/// A connection on which a server sends events.
struct Events {
    received: Receiver<Received>,
}

/// Stops a subscription on a signal.
pub(in crate::cli) struct Stop(Receiver<()>);

impl Stop {
    /// Stops on Ctrl-C and on a termination signal.
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
    /// Reads events on a thread of its own, so that a wait for one can be stopped.
    fn of(response: Response<Body>) -> Result<Self, CliError> {
        let (send, received) = sync_channel(BUFFERED);
        thread::Builder::new().name("events".into()).spawn(move || {
            read_events(BufReader::new(response.into_body().into_reader()), &send);
            drop(send.send(Received::End));
        })?;
        Ok(Events { received })
    }
}

/// Reads `next` events until the stream ends or their receiver is gone.
fn read_events(stream: impl BufRead, send: &SyncSender<Received>) {
    let (mut next, mut id) = (false, None);
    for line in stream.lines().map_while(Result::ok) {
        if let Some(event) = line.strip_prefix("event: ") {
            next = event == "next";
        } else if let Some(text) = line.strip_prefix("id: ") {
            id = Some(text.to_owned());
        } else if let Some(data) = line.strip_prefix("data: ")
            && next
        {
            let event = Received::Event { id: id.take(), data: data.to_owned() };
            if send.send(event).is_err() {
                return;
            }
        }
    }
}

/// Follows a subscription. A dropped connection is made again, after the last event that was given.
pub(super) fn follow(
    server: &Server,
    client: &Client,
    document: &str,
    variables: &Value,
    stop: &Stop,
    event: &mut dyn FnMut(&Value) -> Result<bool, CliError>,
) -> Result<(), CliError> {
    let mut following = Following { server, client, document, variables, book: None, last: None };
    let (mut wait, mut noted) = (FIRST_WAIT, false);
    loop {
        match following.once(stop, event) {
            Ok(true) => return Ok(()),
            Ok(false) => (wait, noted) = (FIRST_WAIT, false),
            Err(error) if is_passing(&error) && following.book.is_some() => {
                if !noted {
                    let message = error.message();
                    write::note(&format!("{message} (trying again until it is back)"));
                }
                noted = true;
            }
            Err(error) => return Err(error),
        }
        if stop.after(wait) {
            return Ok(());
        }
        wait = (wait * 2).min(LAST_WAIT);
    }
}

/// A subscription across connections.
struct Following<'f> {
    server: &'f Server,
    client: &'f Client,
    document: &'f str,
    variables: &'f Value,
    /// The book that is followed, once it has been asked for.
    book: Option<Value>,
    /// The id of the last event.
    last: Option<String>,
}

impl Following<'_> {
    /// Follows on one connection. Gives whether that was all.
    fn once(
        &mut self,
        stop: &Stop,
        event: &mut dyn FnMut(&Value) -> Result<bool, CliError>,
    ) -> Result<bool, CliError> {
        let book = self.server.ask(LEDGER, &json!({}))?["ledger"]["book"].take();
        if *self.book.get_or_insert_with(|| book.clone()) != book {
            let message = format!(
                "{} serves another book now: begin again to follow that one",
                self.client.url()
            );
            return Err(CliError::new(Exit::Conflict, "ANOTHER_BOOK", message));
        }
        let last = self.last.as_deref();
        let events = Events::of(self.client.stream(self.document, self.variables, last)?)?;
        loop {
            if stop.after(Duration::ZERO) {
                return Ok(true);
            }
            let (id, data) = match events.received.recv_timeout(Duration::from_millis(100)) {
                Ok(Received::Event { id, data }) => (id, data),
                Err(RecvTimeoutError::Timeout) => continue,
                Ok(Received::End) | Err(RecvTimeoutError::Disconnected) => return Ok(false),
            };
            if !event(&self.client.read(StatusCode::OK, &data)?)? {
                return Ok(true);
            }
            self.last = id.or_else(|| self.last.take());
        }
    }
}

/// Whether a server that was there may come back.
fn is_passing(error: &CliError) -> bool {
    [UNREACHABLE, OPENING, "INTERNAL_SERVER_ERROR", "TIMEOUT"].contains(&error.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_next_events_count_each_with_its_id() {
        let stream = ":\n\nid: 7\nevent: next\ndata: {\"a\":1}\n\n:\n\nevent: next\ndata: 2\n\nevent: complete\ndata: \n\n";
        let (send, received) = sync_channel(9);
        read_events(stream.as_bytes(), &send);
        drop(send);
        let event = |id: Option<&str>, data: &str| Received::Event {
            id: id.map(str::to_owned),
            data: data.to_owned(),
        };
        let expected = [event(Some("7"), r#"{"a":1}"#), event(None, "2")];
        assert_eq!(received.iter().collect::<Vec<_>>(), expected);
    }
}
