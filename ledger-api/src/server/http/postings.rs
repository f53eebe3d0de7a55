//! `POST /postings`: postings as lines of JSON, and the outcome of each as a line of JSON.
//!
//! A body may be of any size: lines are posted as they arrive, and outcomes are sent as they become
//! durable. Postings have keys, so an upload that was cut short can be sent again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, header};
use futures_util::{FutureExt, StreamExt};
use ledger_core::domain::actor::Actor;
use ledger_core::domain::command::Command;
use ledger_core::domain::posting::Posting;
use mediatype::MediaType;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use super::caller;
use super::listener::ConnectionPermit;
use super::negotiate::Form;
use super::refusal::Refusal;
use crate::graphql::Caller;
use crate::postings::outcome::{Outcome, Refused};
use crate::server::live::signed_out::signed_out;
use crate::server::{OpenBook, Server, stopped};

/// Postings sent to the writer at a time.
const TOGETHER: usize = 8189;

/// The maximum number of postings of a dry run, which are judged together and block the writer.
const DRY_RUN_MAX: usize = 100_000;

/// The bytes of lines that an upload holds at a time.
const BATCH_BYTES_MAX: usize = 4 << 20;

/// The bytes of lines that a dry run holds: they are judged together.
const DRY_RUN_BYTES_MAX: usize = 32 << 20;

/// A line is at most this long: an entry is at most 65,535 bytes.
const LINE_BYTES_MAX: usize = 1 << 17;

/// How long the next piece of a body may take.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// The cost of a posting, for the caller's rate.
const COST: usize = 1;

/// The media types of lines of JSON.
const LINES: [&str; 3] = ["application/jsonl", "application/x-ndjson", "application/x-jsonlines"];

/// Answers a request to `/postings`.
pub(crate) async fn postings(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Response<Body> {
    match begin(server, request) {
        Ok(response) => response,
        Err(refusal) => refusal.answer(Form::Json),
    }
}

fn begin(server: Arc<Server>, request: Request) -> Result<Response<Body>, Refusal> {
    if request.method() != Method::POST {
        return Err(Refusal::UploadMethod { method: request.method().to_string() });
    }
    if !is_lines(request.headers()) {
        return Err(Refusal::UploadMediaType);
    }
    let caller = caller::of_request(&server.authenticator, request.headers())?;
    let book = Arc::clone(server.ready.get().ok_or(Refusal::Opening)?);
    caller.may_post_something(&book.book).inspect_err(|_| {
        server.authenticator.record_denial(&caller.principal, "POST /postings");
    })?;
    server.admit(&caller.principal.id)?;
    let dry_run = is_dry_run(request.uri().query().unwrap_or_default())?;
    let share = server.uploads.take(&caller.principal.id, 1).ok_or(Refusal::TooMuchAtOnce)?;
    let slot = Arc::clone(&server.upload_slots).try_acquire_owned().map_err(|_| Refusal::Busy)?;
    let permit = ConnectionPermit::of(request.extensions());
    let (outcomes, receiver) = mpsc::channel(4);
    let upload = Upload {
        server,
        book,
        caller,
        dry_run,
        lines: Lines::of(request.into_body()),
        outcomes,
        _permits: (permit, share, slot),
    };
    tokio::spawn(upload.run());
    let mut response = Response::new(Body::from_stream(ReceiverStream::new(receiver)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("authorization"));
    Ok(response)
}

/// Reads the query string. A misspelt switch must not post.
fn is_dry_run(query: &str) -> Result<bool, Refusal> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    match pairs.as_slice() {
        [] => Ok(false),
        [(name, value)] if name == "dryRun" && value == "true" => Ok(true),
        [(name, value)] if name == "dryRun" && value == "false" => Ok(false),
        _ => Err(Refusal::Malformed(
            "the query string may be dryRun=true or dryRun=false: nothing was posted".to_owned(),
        )),
    }
}

fn is_lines(headers: &HeaderMap) -> bool {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.and_then(|value| MediaType::parse(value).ok());
    media.is_some_and(|media| LINES.contains(&media.essence().to_string().as_str()))
}

/// An upload under way.
struct Upload {
    server: Arc<Server>,
    book: Arc<OpenBook>,
    caller: Caller,
    dry_run: bool,
    lines: Lines,
    outcomes: mpsc::Sender<Result<Bytes, Infallible>>,
    /// Those of the connection, the caller and the server.
    _permits: (ConnectionPermit, OwnedSemaphorePermit, OwnedSemaphorePermit),
}

/// The reason an upload ends before its body.
enum End {
    /// An error, which the last outcome states. Nothing after it was posted.
    Refused(Refused),
    /// The client has disconnected.
    Gone,
}

fn end(code: &'static str, message: impl Into<String>) -> End {
    End::Refused(Refused::new(code, message))
}

impl Upload {
    async fn run(mut self) {
        let (server, principal) = (Arc::clone(&self.server), Arc::clone(&self.caller.principal));
        let dry_runs = Arc::clone(&server.dry_runs);
        let _alone = if self.dry_run { dry_runs.acquire_owned().await.ok() } else { None };
        let mut stopping = server.stopping.subscribe();
        let signed_out = signed_out(server, principal);
        let ended = tokio::select! {
            ended = self.post() => ended,
            () = stopped(&mut stopping) => Err(end(
                "STOPPED",
                "the server is stopping: send the upload again later, and nothing is posted twice",
            )),
            () = signed_out => Err(end(
                "UNAUTHENTICATED",
                "your sign-in has ended, and nothing more was posted: sign in again, and send the upload again",
            )),
        };
        if let Err(End::Refused(refused)) = ended {
            drop(self.send(&[Outcome::end(refused)]).await);
        }
    }

    async fn post(&mut self) -> Result<(), End> {
        loop {
            // One more than a dry run takes tells whether there are more.
            let most = if self.dry_run { DRY_RUN_MAX + 1 } else { TOGETHER };
            let (postings, ended) = self.lines.read(most, self.dry_run).await;
            if self.dry_run && (postings.len() == most || ended.is_none()) {
                return Err(end(
                    "TOO_MANY_POSTINGS",
                    format!(
                        "a dry run takes at most {DRY_RUN_MAX} postings and {DRY_RUN_BYTES_MAX} bytes: try the file on a data folder, such as a copy of this one"
                    ),
                ));
            }
            self.post_all(postings).await?;
            match ended {
                None => self.wait_for_share().await,
                Some(Ok(())) => return Ok(()),
                Some(Err(refused)) => return Err(End::Refused(refused)),
            }
        }
    }

    /// Posts some postings, or tries them, and sends their outcomes. The first that the caller may not
    /// post ends the upload.
    async fn post_all(&mut self, mut postings: Vec<Posting>) -> Result<(), End> {
        if postings.is_empty() {
            return Ok(());
        }
        let (book, caller) = (Arc::clone(&self.book.book), self.caller.clone());
        let admit = move || {
            let command = |posting: &Posting| posting.command.clone();
            let mut commands: Vec<Command> = postings.iter().map(command).collect();
            let denied = match caller.admit(&book, commands.iter()) {
                Ok(actor) => return (Ok(actor), postings, commands, None),
                Err(denied) => denied,
            };
            let allowed = |one: &&Command| caller.admit(&book, std::iter::once(*one)).is_ok();
            let allowed = commands.iter().take_while(allowed).count();
            postings.truncate(allowed);
            commands.truncate(allowed);
            (caller.admit(&book, commands.iter()), postings, commands, Some(denied))
        };
        let admitted = tokio::task::spawn_blocking(admit).await;
        let fault = |_| end("INTERNAL_SERVER_ERROR", "internal error");
        let (actor, postings, commands, denied) = admitted.map_err(fault)?;
        if let (Ok(actor), false) = (actor, postings.is_empty()) {
            self.post_admitted(actor, postings, commands).await?;
        }
        match denied {
            None => Ok(()),
            Some(denied) => {
                self.server.authenticator.record_denial(&self.caller.principal, "POST /postings");
                Err(end(denied.code(), denied.to_string()))
            }
        }
    }

    async fn post_admitted(
        &mut self,
        actor: Arc<Actor>,
        postings: Vec<Posting>,
        commands: Vec<Command>,
    ) -> Result<(), End> {
        if let Some(rates) = &self.server.rates {
            let cost = postings.len().saturating_mul(COST);
            rates.charge(&self.caller.principal.id, cost, Instant::now());
        }
        let writer = self.book.book.writer();
        if self.dry_run {
            let previews = writer.preview(actor, postings).await;
            let scope = self.caller.principal.scope(&self.book.book.models());
            let outcomes = previews.into_iter().map(|tried| Outcome::tried(tried, &scope));
            return self.send(&outcomes.collect::<Vec<_>>()).await;
        }
        let reads = Arc::clone(&actor.reads);
        let posted = writer.post_all(actor, postings).await;
        let store = Arc::clone(self.book.book.store());
        let outcomes = tokio::task::spawn_blocking(move || {
            let outcome =
                |(posted, command): (_, &_)| Outcome::of(posted, command, &reads, &*store);
            posted.into_iter().zip(&commands).map(outcome).collect::<Vec<_>>()
        });
        let fault = |_| end("INTERNAL_SERVER_ERROR", "internal error");
        self.send(&outcomes.await.map_err(fault)?).await
    }

    async fn send(&mut self, outcomes: &[Outcome]) -> Result<(), End> {
        let mut lines = Vec::new();
        for outcome in outcomes {
            if serde_json::to_writer(&mut lines, outcome).is_ok() {
                lines.push(b'\n');
            }
        }
        self.outcomes.send(Ok(lines.into())).await.map_err(|_| End::Gone)
    }

    /// Waits until the caller may post more, where there is a rate.
    async fn wait_for_share(&mut self) {
        while let Err(Refusal::RateLimited(wait)) = self.server.admit(&self.caller.principal.id) {
            tokio::time::sleep(wait).await;
        }
    }
}

/// The lines of a body, as they arrive.
struct Lines {
    pieces: BodyDataStream,
    /// What has arrived and not been read, from `begin` on.
    buffer: Vec<u8>,
    begin: usize,
    ended: bool,
    /// The number of the last line, from 1.
    number: u64,
}

impl Lines {
    fn of(body: Body) -> Self {
        let pieces = body.into_data_stream();
        Lines { pieces, buffer: Vec::new(), begin: 0, ended: false, number: 0 }
    }

    /// Reads up to `most` postings: those that have arrived, or with `all` the whole body. Returns the
    /// end of the body, or the error that ends the upload, where one was reached.
    async fn read(
        &mut self,
        most: usize,
        all: bool,
    ) -> (Vec<Posting>, Option<Result<(), Refused>>) {
        let bytes_max = if all { DRY_RUN_BYTES_MAX } else { BATCH_BYTES_MAX };
        let (mut postings, mut held) = (Vec::new(), 0);
        loop {
            while let Some((number, line)) = self.line() {
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                held += line.len();
                match serde_json::from_slice(line) {
                    Ok(posting) => postings.push(posting),
                    Err(error) => {
                        let (column, text) = (error.column(), error.to_string());
                        let what = text.rsplit_once(" at line ").map_or(&*text, |(what, _)| what);
                        let message = format!(
                            "line {number} of the upload is no posting: {what} (at column {column}); nothing from it on was posted: correct it and send the upload again"
                        );
                        return (postings, Some(Err(Refused::new("MALFORMED", message))));
                    }
                }
                if postings.len() >= most || held >= bytes_max {
                    return (postings, None);
                }
            }
            if self.ended {
                return (postings, Some(Ok(())));
            }
            let next = self.pieces.next();
            let piece = if postings.is_empty() || all {
                tokio::time::timeout(SILENCE_MAX, next).await
            } else {
                match next.now_or_never() {
                    None => return (postings, None),
                    Some(piece) => Ok(piece),
                }
            };
            match piece {
                Ok(Some(Ok(piece))) => self.add(&piece),
                Ok(None) => self.end(),
                Ok(Some(Err(error))) => {
                    let message = format!("the body could not be read: {error}");
                    return (postings, Some(Err(Refused::new("BAD_REQUEST", message))));
                }
                Err(_) => {
                    let message = format!(
                        "nothing more came within {} seconds: send the rest again",
                        SILENCE_MAX.as_secs()
                    );
                    return (postings, Some(Err(Refused::new("REQUEST_TIMEOUT", message))));
                }
            }
            if self.buffer.len() - self.begin > LINE_BYTES_MAX && !self.has_line() {
                let message = format!(
                    "line {} of the upload has over {LINE_BYTES_MAX} bytes, which no posting has: end each posting with a line break",
                    self.number + 1
                );
                return (postings, Some(Err(Refused::new("MALFORMED", message))));
            }
        }
    }

    fn add(&mut self, piece: &[u8]) {
        self.buffer.drain(..self.begin);
        self.begin = 0;
        self.buffer.extend_from_slice(piece);
    }

    fn end(&mut self) {
        self.ended = true;
        if self.begin < self.buffer.len() {
            self.buffer.push(b'\n');
        }
    }

    fn has_line(&self) -> bool {
        self.buffer.get(self.begin..).is_some_and(|rest| rest.contains(&b'\n'))
    }

    /// The next whole line, with its number and without its end.
    fn line(&mut self) -> Option<(u64, &[u8])> {
        let rest = self.buffer.get(self.begin..)?;
        let length = rest.iter().position(|byte| *byte == b'\n')?;
        let begin = self.begin;
        self.begin = begin + length + 1;
        self.number += 1;
        let line = self.buffer.get(begin..begin + length)?;
        // A file of Windows may begin with a mark of its encoding.
        let mark = if self.number == 1 { "\u{feff}".as_bytes() } else { &[] };
        Some((self.number, line.strip_prefix(mark).unwrap_or(line)))
    }
}
