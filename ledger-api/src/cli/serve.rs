//! `budget-ledger serve`

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use ledger_core::domain::text::ActorId;
use tempfile::TempDir;

use super::exit::{CliError, Exit};
use super::write;
use crate::access::entrance::Entrance;
use crate::access::keyring::Keyring;
use crate::access::oidc::Oidc;
use crate::access::principal::Principal;
use crate::access::sign_in::SignIn;
use crate::book::{Book, BookError, DataFolder};
use crate::clock::{now, system_clock};
use crate::sample::{self, SampleClock, SampleError};
use crate::server::settings::{Choices, Faces, Settings, SettingsError};
use crate::server::{Opening, ServeError, logs, serve};

/// Serve the book: GraphQL at /graphql over HTTP, WebSocket and event streams, /health, /metrics.
///
/// Flags win over the environment, the environment over the file given by --config, and the file
/// over what is built in. The file is TOML, with the flags' names.
#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    choices: Choices,
    /// A TOML file of settings, by the names of these flags.
    #[arg(long, value_name = "FILE", env = "BUDGET_LEDGER_CONFIG")]
    config: Option<PathBuf>,
    /// Show it: introspection and GraphiQL are on; without --data, on the sample book in a
    /// temporary folder that is removed at the end.
    #[arg(long)]
    demo: bool,
    /// Let whoever reaches the server read and post as one person, the --actor; on loopback only,
    /// and only on a book without keys.
    #[arg(long, conflicts_with = "demo")]
    without_sign_in: bool,
}

/// The data folder, unless another is named.
const DATA: &str = "ledger-data";

/// Who posts, unless someone is named.
const ACTOR: &str = "local";

impl Serve {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Serve { choices, config, demo, without_sign_in } = self;
        let choices = match config {
            Some(path) => choices.or(Choices::read(&path)?),
            None => choices,
        };
        logs::begin(choices.log.unwrap_or_default(), choices.log_format.unwrap_or_default());
        let data = choices.data.clone();
        let actor: ActorId =
            ACTOR.parse().map_err(|error| CliError::usage(format!("{ACTOR}: {error}")))?;
        let path = data.clone().unwrap_or_else(|| DATA.into());
        let sample = demo && data.is_none();
        if !sample {
            has_book(&path)?;
        }
        let keys = !sample && Keyring::is_there(&path);
        if keys && (demo || without_sign_in) {
            let path = path.display();
            return Err(CliError::usage(format!(
                "{path} has keys: leave out --demo and --without-sign-in, and sign in"
            )));
        }
        let oidc = choices.oidc.clone();
        if oidc.is_some() && (demo || without_sign_in) {
            return Err(CliError::usage(
                "the settings name a sign-in service: leave out --demo and --without-sign-in",
            ));
        }
        let faces = match (demo, keys || oidc.is_some()) {
            (true, _) => Faces::Demo,
            (false, true) => Faces::SignIn,
            (false, false) => Faces::Anybody,
        };
        let settings = Settings::new(choices, actor, faces)?;
        let shown = Shown { explorer: settings.graphiql, encrypted: settings.tls.is_some() };
        let sign_in = match faces {
            Faces::Demo => SignIn::demo().map_err(|error| CliError::usage(error.to_string()))?,
            Faces::Anybody if without_sign_in => {
                SignIn::without(Principal::local(settings.actor.clone()))
            }
            Faces::Anybody => return Err(no_sign_in(&path)),
            Faces::SignIn => SignIn::People {
                keys: keys.then(|| Keyring::open(&path).map(Arc::new)).transpose()?,
                service: oidc
                    .map(|choices| Oidc::new(choices, now()).map(Arc::new))
                    .transpose()
                    .map_err(|error| CliError::usage(error.to_string()))?,
            },
        };
        if !sample {
            return serve_book(settings, sign_in, &path, shown);
        }
        let folder = tempfile::Builder::new().prefix("budget-ledger-").tempdir()?;
        let served = serve_sample(settings, sign_in, &folder, shown);
        folder.close()?;
        served
    }
}

fn has_book(path: &Path) -> Result<(), CliError> {
    if DataFolder::has_book(path) {
        return Ok(());
    }
    let path = path.display();
    Err(CliError::usage(format!(
        "there is no book in {path}: make one with `budget-ledger init --data {path}`, name another folder, or add --demo without --data"
    )))
}

fn no_sign_in(path: &Path) -> CliError {
    let path = path.display();
    CliError::usage(format!(
        "nobody could sign in: make keys with `budget-ledger keys init --data {path}`, or add --without-sign-in to let whoever reaches this machine's loopback post"
    ))
}

fn serve_book(
    settings: Settings,
    sign_in: SignIn,
    path: &Path,
    shown: Shown,
) -> Result<(), CliError> {
    let folder = DataFolder::writable(path)?;
    let entrance = Entrance::new(sign_in, path)?;
    let open: Opening<NotOpened> =
        Box::new(move |reached| Ok(Book::open(folder, system_clock(), Some(reached))?));
    Ok(serve(settings, entrance, open, |address| tell(address, shown))?)
}

fn serve_sample(
    settings: Settings,
    sign_in: SignIn,
    folder: &TempDir,
    shown: Shown,
) -> Result<(), CliError> {
    let path = folder.path().to_owned();
    let entrance = Entrance::new(sign_in, &path)?;
    let open: Opening<NotOpened> = Box::new(move |_| {
        let folder = DataFolder::writable(&path).map_err(BookError::from)?;
        let clock = SampleClock::default();
        let book = Book::create(folder, &sample::genesis()?, clock.clock())?;
        sample::load(&book.writer(), &clock)?;
        Ok(book)
    });
    write::note("This is the sample book in a temporary folder: what you post is gone at the end.");
    Ok(serve(settings, entrance, open, |address| tell(address, shown))?)
}

/// Why there is no book to serve.
#[derive(Debug, thiserror::Error)]
enum NotOpened {
    #[error(transparent)]
    Book(#[from] BookError),
    #[error(transparent)]
    Sample(#[from] SampleError),
}

/// What is said about where a server listens.
#[derive(Clone, Copy)]
struct Shown {
    explorer: bool,
    encrypted: bool,
}

/// Says where the server listens, and what to try first.
fn tell(address: SocketAddr, shown: Shown) {
    let scheme = if shown.encrypted { "https" } else { "http" };
    let mut text = format!("Listening on {scheme}://{address}/graphql");
    if shown.explorer {
        text += &format!("; explore at {scheme}://{address}/graphiql");
    }
    text += &format!(
        "\nTry: curl {scheme}://{address}/graphql --json '{{\"query\": \"{{ ledger {{ head root }} }}\"}}'\n"
    );
    // Without a stderr nobody needs to be told.
    drop(io::stderr().lock().write_all(text.as_bytes()));
}

impl From<SettingsError> for CliError {
    fn from(error: SettingsError) -> Self {
        CliError::usage(error.to_string())
    }
}

impl From<ServeError<NotOpened>> for CliError {
    fn from(error: ServeError<NotOpened>) -> Self {
        match error {
            ServeError::Open(NotOpened::Book(error)) => error.into(),
            ServeError::Open(NotOpened::Sample(error)) => error.into(),
            ServeError::Listen { .. } | ServeError::Start(_) | ServeError::Close(_) => {
                CliError::new(Exit::Failure, "IO", error.to_string())
            }
            ServeError::Panicked => CliError::new(Exit::Failure, "FAULT", error.to_string()),
        }
    }
}
