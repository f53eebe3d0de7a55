//! `budget-ledger serve`

use std::env;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use clap::Args;
use ledger_core::domain::text::ActorId;
use rustix::process::{Resource, getrlimit, getuid};
use tempfile::TempDir;

use crate::access::identity::principal::Principal;
use crate::access::second_person::{SecondPersonError, ask_for_second_person};
use crate::access::sign_in::SignIn;
use crate::access::sign_in::authenticator::Authenticator;
use crate::access::sign_in::demo;
use crate::access::sign_in::keyring::Keyring;
use crate::access::sign_in::oidc::Oidc;
use crate::cli::exit::{CliError, Exit};
use crate::cli::post::write;
use crate::clock::{now, system_clock};
use crate::sample::{self, SampleClock, SampleError};
use crate::server::settings::{Choices, Settings, SettingsError, SignInMode};
use crate::server::{BookOpener, ServeError, logs, serve};
use projections::book::{Book, BookError, DataFolder};

/// Serve the book to other programs and people.
///
/// GraphQL is at /graphql over HTTP, WebSocket and event streams; /health and /metrics are for
/// operators. A flag wins over the environment, and the environment over the file of --config.
#[derive(Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    choices: Choices,
    /// A TOML file of settings, named like these flags.
    #[arg(long, value_name = "FILE", env = "BUDGET_LEDGER_CONFIG")]
    config: Option<PathBuf>,
    /// Try it out: without --data it serves the sample book from a temporary folder, removed at the
    /// end. Introspection and GraphiQL are on.
    #[arg(long)]
    demo: bool,
    /// Let every caller read and post as --actor, without a key. For a book without keys, and
    /// callers on this machine only.
    #[arg(long, conflicts_with = "demo")]
    without_sign_in: bool,
    /// Take postings although the clock of this machine is doubted. Check the clock first: that it is
    /// accepted is recorded. Leave this out of settings for every start.
    #[arg(long, conflicts_with = "demo")]
    accept_clock: bool,
}

/// The default data folder.
const DATA: &str = "ledger-data";

/// The default actor.
const ACTOR: &str = "local";

impl Serve {
    pub(crate) fn run(self) -> Result<(), CliError> {
        limit_arenas()?;
        let Serve { choices, config, demo, without_sign_in, accept_clock } = self;
        let choices = match config {
            Some(path) => choices.or(Choices::read(&path)?),
            None => choices,
        };
        let (level, format) =
            (choices.log.unwrap_or_default(), choices.log_format.unwrap_or_default());
        logs::begin(level, format, choices.room());
        let data = choices.data.clone();
        let actor: ActorId =
            ACTOR.parse().map_err(|error| CliError::usage(format!("{ACTOR}: {error}")))?;
        let path = data.clone().unwrap_or_else(|| DATA.into());
        let sample = demo && data.is_none();
        if !sample {
            has_book(&path)?;
        }
        let keys = !sample && Keyring::exists(&path);
        if keys && (demo || without_sign_in) {
            let path = path.display();
            return Err(CliError::usage(format!(
                "{path} has keys: leave out --demo and --without-sign-in, so that people sign in"
            )));
        }
        let oidc = choices.oidc.clone();
        if oidc.is_some() && (demo || without_sign_in) {
            return Err(CliError::usage(
                "the settings name a sign-in service: leave out --demo and --without-sign-in",
            ));
        }
        let sign_in_mode = match (demo, keys || oidc.is_some()) {
            (true, _) => SignInMode::Demo,
            (false, true) => SignInMode::Required,
            (false, false) => SignInMode::Off,
        };
        let settings = Settings::new(choices, actor, sign_in_mode)?;
        let greeting = Greeting { explorer: settings.graphiql, encrypted: settings.tls.is_some() };
        let sign_in = match sign_in_mode {
            SignInMode::Demo => {
                SignIn::demo().map_err(|error| CliError::usage(error.to_string()))?
            }
            SignInMode::Off if without_sign_in => {
                SignIn::without(Principal::local(settings.actor.clone()))
            }
            SignInMode::Off => return Err(no_sign_in(&path)),
            SignInMode::Required => SignIn::People {
                keys: keys.then(|| Keyring::open(&path).map(Arc::new)).transpose()?,
                service: oidc
                    .map(|choices| Oidc::new(choices, now()).map(Arc::new))
                    .transpose()
                    .map_err(|error| CliError::usage(error.to_string()))?,
            },
        };
        if !sample {
            let clock = match (demo, accept_clock) {
                (true, _) => ServedClock::Believed,
                (false, false) => ServedClock::Checked,
                (false, true) => ServedClock::Accepted,
            };
            return serve_book(settings, sign_in, &path, greeting, clock);
        }
        let folder = tempfile::Builder::new().prefix("budget-ledger-").tempdir()?;
        let served = serve_sample(settings, sign_in, &folder, greeting);
        folder.close()?;
        served
    }
}

/// Starts the program again with one arena of the C library, where addresses are limited (`ulimit -v`):
/// each further thread reserves 64 MiB of them else.
fn limit_arenas() -> io::Result<()> {
    const ARENAS: &str = "MALLOC_ARENA_MAX";
    if getrlimit(Resource::As).current.is_none() || env::var_os(ARENAS).is_some() {
        return Ok(());
    }
    Err(Command::new("/proc/self/exe").args(env::args_os().skip(1)).env(ARENAS, "1").exec())
}

fn has_book(path: &Path) -> Result<(), CliError> {
    if DataFolder::has_book(path)? {
        return Ok(());
    }
    let path = path.display();
    Err(CliError::usage(format!(
        "there is no book in {path}: make one with `budget-ledger init --data {path}`, name another folder, or try --demo without --data"
    )))
}

fn no_sign_in(path: &Path) -> CliError {
    let path = path.display();
    CliError::usage(format!(
        "nobody could sign in: make keys with `budget-ledger keys init --data {path}`, or add --without-sign-in to let everybody on this machine post"
    ))
}

/// How far the system's clock is believed.
#[derive(Clone, Copy)]
enum ServedClock {
    Believed,
    Checked,
    Accepted,
}

fn serve_book(
    settings: Settings,
    sign_in: SignIn,
    path: &Path,
    greeting: Greeting,
    clock: ServedClock,
) -> Result<(), CliError> {
    let folder = DataFolder::writable(path)?;
    let authenticator = Authenticator::new(sign_in, path)?;
    let operator = format!("user {} of this machine", getuid().as_raw());
    let open: BookOpener<NoBook> = Box::new(move |reached| {
        let reached = Some(reached);
        Ok(match clock {
            ServedClock::Believed => Book::open(folder, system_clock(), reached)?,
            ServedClock::Checked => Book::open_by_system_clock(folder, None, reached)?,
            ServedClock::Accepted => Book::open_by_system_clock(folder, Some(&operator), reached)?,
        })
    });
    Ok(serve(settings, authenticator, open, |address| greet(address, greeting))?)
}

fn serve_sample(
    settings: Settings,
    sign_in: SignIn,
    folder: &TempDir,
    greeting: Greeting,
) -> Result<(), CliError> {
    let path = folder.path().to_owned();
    let authenticator = Authenticator::new(sign_in, &path)?;
    let open: BookOpener<NoBook> = Box::new(move |_| {
        let folder = DataFolder::writable(&path).map_err(BookError::from)?;
        let clock = SampleClock::default();
        let book = Book::create(folder, &sample::genesis()?, clock.clock())?;
        sample::load(&book.writer(), &clock)?;
        let administrator = demo::administrator().map_err(SecondPersonError::from)?;
        ask_for_second_person(&book, &administrator)?;
        Ok(book)
    });
    write::note(
        "This is the sample book in a temporary folder: your postings are removed when it stops.",
    );
    Ok(serve(settings, authenticator, open, |address| greet(address, greeting))?)
}

/// Why the book cannot be opened.
#[derive(Debug, thiserror::Error)]
enum NoBook {
    #[error(transparent)]
    Book(#[from] BookError),
    #[error(transparent)]
    Sample(#[from] SampleError),
    #[error(transparent)]
    Policy(#[from] SecondPersonError),
}

/// What the address of a server depends on.
#[derive(Clone, Copy)]
struct Greeting {
    explorer: bool,
    encrypted: bool,
}

/// Says where the server listens, and what to try first.
fn greet(address: SocketAddr, greeting: Greeting) {
    let scheme = if greeting.encrypted { "https" } else { "http" };
    let mut text = format!("Listening on {scheme}://{address}/graphql");
    if greeting.explorer {
        text += &format!("; explore at {scheme}://{address}/graphiql");
    }
    text += &format!(
        "\nTry: curl {scheme}://{address}/graphql --json '{{\"query\": \"{{ ledger {{ head root }} }}\"}}'\n"
    );
    // A closed stderr is not an error.
    drop(io::stderr().lock().write_all(text.as_bytes()));
}

impl From<SettingsError> for CliError {
    fn from(error: SettingsError) -> Self {
        CliError::usage(error.to_string())
    }
}

impl From<ServeError<NoBook>> for CliError {
    fn from(error: ServeError<NoBook>) -> Self {
        match error {
            ServeError::Open(NoBook::Book(error)) => error.into(),
            ServeError::Open(NoBook::Sample(error)) => error.into(),
            ServeError::Open(NoBook::Policy(error)) => error.into(),
            ServeError::Listen { .. } | ServeError::Start(_) | ServeError::Close(_) => {
                CliError::new(Exit::Failure, "IO", error.to_string())
            }
            ServeError::Panicked => CliError::new(Exit::Failure, "FAULT", error.to_string()),
        }
    }
}
