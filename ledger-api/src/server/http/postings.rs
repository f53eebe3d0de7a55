//! `POST /postings`: postings as lines of JSON, and the outcome of each as a line of JSON.
//!
//! A body is received whole. Its postings are judged, then all are posted or none, unless the query
//! string says otherwise. Postings have keys, so an upload that was cut short can be sent again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, header};
use futures_util::StreamExt;
use ledger_core::domain::actor::Actor;
use ledger_core::domain::posting::Posting;
use mediatype::MediaType;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use super::address::ClientAddress;
use super::caller;
use super::listener::ConnectionPermit;
use super::negotiate::Form;
use super::refusal::Refusal;
use crate::graphql::Caller;
use crate::postings::file::{self, FileKind, Row};
use crate::postings::outcome::{Outcome, Refused};
use crate::postings::upload::{self, Recipient, Switches};
use crate::server::live::signed_out::signed_out;
use crate::server::shares::{Holding, UPLOAD_BYTES_MAX};
use crate::server::{OpenBook, Server, stopped};

/// A line takes at least this much memory, for the posting made of it.
const LINE_BYTES: usize = 256;

/// A refused body is received up to this size.
const DISCARDED_BYTES_MAX: usize = 2 * UPLOAD_BYTES_MAX;

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
    let switches = switches(request.uri().query().unwrap_or_default())?;
    let who = &caller.principal.id;
    let share = server.uploads.take(who, 1).ok_or(Refusal::TooMuchAtOnce)?;
    let slot = Arc::clone(&server.upload_slots).try_acquire_owned().map_err(|_| Refusal::Busy)?;
    let holding = server.upload_bytes.holding(who, ClientAddress::of(request.extensions()));
    let permit = ConnectionPermit::of(request.extensions());
    let (outcomes, receiver) = mpsc::channel(4);
    let upload = Upload {
        server,
        book,
        caller,
        switches,
        body: request.into_body(),
        outcomes,
        holding,
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
fn switches(query: &str) -> Result<Switches, Refusal> {
    let (mut switches, mut names) = (Switches::default(), Vec::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let switch = match &*name {
            "dryRun" => Some(&mut switches.dry_run),
            "acceptValid" => Some(&mut switches.accept_valid),
            "changed" => Some(&mut switches.changed),
            _ => None,
        };
        let (Some(switch), Ok(on), false) = (switch, value.parse(), names.contains(&name)) else {
            return Err(Refusal::Malformed(
                "the query string may hold dryRun, acceptValid and changed, each once and true or false: nothing was posted".to_owned(),
            ));
        };
        *switch = on;
        names.push(name);
    }
    Ok(switches)
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
    switches: Switches,
    body: Body,
    outcomes: mpsc::Sender<Result<Bytes, Infallible>>,
    /// The memory of the body and of its postings.
    holding: Holding,
    /// Those of the connection, the caller and the server.
    _permits: (ConnectionPermit, OwnedSemaphorePermit, OwnedSemaphorePermit),
}

/// The reason an upload ends early.
enum End {
    /// An error, which the last outcome states. Nothing more is posted.
    Refused(Refused),
    /// The client has disconnected.
    Gone,
}

impl From<Refused> for End {
    fn from(refused: Refused) -> Self {
        End::Refused(refused)
    }
}

fn end(code: &'static str, message: impl Into<String>) -> End {
    Refused::new(code, message).into()
}

fn fault(_: tokio::task::JoinError) -> End {
    end("INTERNAL_SERVER_ERROR", "internal error")
}

impl Upload {
    async fn run(mut self) {
        let (server, principal) = (Arc::clone(&self.server), Arc::clone(&self.caller.principal));
        let outcomes = self.outcomes.clone();
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
            drop(outcomes.send(Ok(lines(&[Outcome::end(refused)]))).await);
        }
    }

    async fn post(&mut self) -> Result<(), End> {
        let bytes = receive(std::mem::take(&mut self.body), &mut self.holding).await?;
        let dry_runs = Arc::clone(&self.server.dry_runs);
        let _alone = if self.switches.dry_run { dry_runs.acquire_owned().await.ok() } else { None };
        let read = tokio::task::spawn_blocking(move || file::read(&bytes, FileKind::JsonLines));
        let rows = read.await.map_err(fault)?.map_err(|error| end("MALFORMED", error))?;
        let unread = rows.iter().filter(|row| row.posting.is_err()).count();
        if unread > 0 && !self.switches.accept_valid {
            let message = format!(
                "{unread} of {} lines cannot be read, so nothing was posted: correct them and send the upload again",
                rows.len()
            );
            self.give(rows.into_iter().map(outcome_unposted).collect()).await?;
            return Err(end("MALFORMED", message));
        }
        let (postings, unread) = split(rows);
        let (actor, postings) = self.admit(postings).await?;
        let book = Arc::clone(&self.book.book);
        let switches = self.switches;
        let upload = upload::Upload { book: &book, actor, postings, switches };
        let mut placed = Placed { upload: self, unread: unread.into_iter().peekable(), given: 0 };
        upload.post(&mut placed).await?;
        placed.give(Vec::new()).await
    }

    /// Checks the right to every posting.
    async fn admit(
        &mut self,
        postings: Vec<(u64, Posting)>,
    ) -> Result<(Arc<Actor>, Vec<Posting>), End> {
        let (book, caller) = (Arc::clone(&self.book.book), self.caller.clone());
        let admit = move || {
            let commands = || postings.iter().map(|(_, posting)| &posting.command);
            let admitted = caller.admit(&book, commands()).map_err(|denied| {
                let allowed = |command: &&_| caller.admit(&book, std::iter::once(*command)).is_ok();
                let first = commands().take_while(allowed).count();
                let number = postings.get(first).map_or(0, |(number, _)| *number);
                end(denied.code(), format!("line {number}: {denied}. Nothing was posted"))
            });
            let postings = postings.into_iter().map(|(_, posting)| posting);
            admitted.map(|actor| (actor, postings.collect()))
        };
        let admitted = tokio::task::spawn_blocking(admit).await.map_err(fault)?;
        if admitted.is_err() {
            self.server.authenticator.record_denial(&self.caller.principal, "POST /postings");
        }
        admitted
    }

    /// Charges the caller for some outcomes and sends them, when the caller may have more.
    async fn give(&mut self, outcomes: Vec<Outcome>) -> Result<(), End> {
        if let Some(rates) = &self.server.rates {
            let cost = outcomes.len().saturating_mul(COST);
            rates.charge(&self.caller.principal.id, cost, Instant::now());
        }
        self.outcomes.send(Ok(lines(&outcomes))).await.map_err(|_| End::Gone)?;
        while let Err(Refusal::RateLimited(wait)) = self.server.admit(&self.caller.principal.id) {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }
}

/// Receives a body whole. Its memory grows with what has arrived.
async fn receive(body: Body, holding: &mut Holding) -> Result<Vec<u8>, End> {
    let (mut pieces, mut bytes, mut lines) = (body.into_data_stream(), Vec::new(), 1_usize);
    let mut received = 0_usize;
    let mut refused = None;
    loop {
        let piece = match tokio::time::timeout(SILENCE_MAX, pieces.next()).await {
            Ok(Some(Ok(piece))) => piece,
            Ok(None) => return refused.map_or(Ok(bytes), Err),
            Ok(Some(Err(error))) => {
                let message =
                    format!("the body could not be read, and nothing was posted: {error}");
                return Err(end("BAD_REQUEST", message));
            }
            Err(_) => {
                let message = format!(
                    "nothing more came within {} seconds, and nothing was posted: send the upload again",
                    SILENCE_MAX.as_secs()
                );
                return Err(end("REQUEST_TIMEOUT", message));
            }
        };
        received = received.saturating_add(piece.len());
        if let Some(refused) = refused.take_if(|_| received > DISCARDED_BYTES_MAX) {
            return Err(refused);
        }
        if refused.is_some() {
            continue;
        }
        lines += memchr::memchr_iter(b'\n', &piece).count();
        match room(holding, received.max(lines.saturating_mul(LINE_BYTES))) {
            Ok(()) => bytes.extend_from_slice(&piece),
            Err(end) => {
                // A client that is still sending reads no answer, so the rest is discarded.
                (bytes, refused) = (Vec::new(), Some(end));
                holding.release();
            }
        }
    }
}

/// Takes memory for an upload.
fn room(holding: &mut Holding, needed: usize) -> Result<(), End> {
    if needed > UPLOAD_BYTES_MAX {
        let message = format!(
            "the upload is over {} MiB, counting each line as {LINE_BYTES} bytes or more, and nothing was posted: send it in parts",
            UPLOAD_BYTES_MAX >> 20
        );
        return Err(end("TOO_LARGE", message));
    }
    holding.grow(needed).map_err(|refusal| {
        end(
            refusal.code(),
            "other uploads are under way, and nothing was posted: send it again in a moment",
        )
    })
}

/// Postings with the numbers of their lines.
type NumberedPostings = Vec<(u64, Posting)>;

/// The postings with the numbers of their lines, and the lines that cannot be read.
fn split(rows: Vec<Row>) -> (NumberedPostings, Vec<(usize, Outcome)>) {
    let (mut postings, mut unread) = (Vec::with_capacity(rows.len()), Vec::new());
    for (index, row) in rows.into_iter().enumerate() {
        match row.posting {
            Ok(posting) => postings.push((row.number, posting)),
            Err(_) => unread.push((index, outcome_unposted(row))),
        }
    }
    (postings, unread)
}

/// The outcome of a line of an upload that posts nothing.
fn outcome_unposted(Row { number, posting }: Row) -> Outcome {
    match posting {
        Ok(_) => Outcome::default(),
        Err(error) => {
            Outcome::refused(Refused::new("MALFORMED", format!("line {number}: {error}")))
        }
    }
}

/// Sends outcomes, with those of unreadable lines in their places.
struct Placed<'u> {
    upload: &'u mut Upload,
    unread: std::iter::Peekable<std::vec::IntoIter<(usize, Outcome)>>,
    given: usize,
}

impl Recipient for Placed<'_> {
    type Error = End;

    async fn give(&mut self, outcomes: Vec<Outcome>) -> Result<(), End> {
        let mut placed = Vec::with_capacity(outcomes.len());
        let mut outcomes = outcomes.into_iter();
        loop {
            let next = match self.unread.next_if(|(index, _)| *index == self.given) {
                Some((_, unread)) => Some(unread),
                None => outcomes.next(),
            };
            let Some(next) = next else { break };
            placed.push(next);
            self.given += 1;
        }
        self.upload.give(placed).await
    }
}

fn lines(outcomes: &[Outcome]) -> Bytes {
    let mut lines = Vec::new();
    for outcome in outcomes {
        if serde_json::to_writer(&mut lines, outcome).is_ok() {
            lines.push(b'\n');
        }
    }
    lines.into()
}
