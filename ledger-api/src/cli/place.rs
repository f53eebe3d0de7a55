//! Which book: a data folder, or a running server.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use projections::AsAt;

use super::exit::CliError;
use super::scenario;
use super::source::Source;
use super::source::folder::Folder;
use super::source::server::Server;
use super::source::server::client::Client;
use super::source::supposing::Supposing;

/// Which book, as the arguments say.
#[derive(Args)]
struct PlaceArgs {
    /// The data folder of the book.
    #[arg(long, value_name = "DIR", env = "BUDGET_LEDGER_DATA", default_value = "ledger-data")]
    data: PathBuf,
    /// A running server to ask instead of a data folder, such as http://127.0.0.1:8080.
    #[arg(long, value_name = "URL", env = "BUDGET_LEDGER_SERVER")]
    server: Option<ServerUrl>,
    /// What signs in: to the server, or to a folder that has keys.
    #[arg(long, env = "BUDGET_LEDGER_TOKEN", hide_env_values = true)]
    token: Option<Token>,
    /// A PEM file of who vouches for the server's certificate, where this machine does not.
    #[arg(long, value_name = "FILE", env = "BUDGET_LEDGER_CA")]
    ca: Option<PathBuf>,
}

/// Which book. What is said by a flag wins over what the environment says.
pub(super) enum BookArgs {
    /// A data folder, and what signs in where it has keys.
    Folder(PathBuf, Option<Token>),
    /// A running server.
    Server(ServerUrl, Option<Token>, Option<PathBuf>),
}

impl BookArgs {
    /// The book to ask, wherever it is.
    pub(super) fn open(&self) -> Result<Box<dyn Source>, CliError> {
        Ok(match self {
            BookArgs::Folder(path, token) => {
                Box::new(Folder::existing(path, token.as_ref().map(Token::as_str))?)
            }
            BookArgs::Server(..) => Box::new(Server::new(self.client("this")?)),
        })
    }

    /// The book as it would be, had the postings of a file been made after a moment, or those of a
    /// scenario of the folder.
    pub(super) fn open_supposing(
        &self,
        what: &Path,
        after: AsAt,
    ) -> Result<Box<dyn Source>, CliError> {
        let supposing = |postings| Supposing { name: what.to_owned(), after, postings };
        Ok(match self {
            BookArgs::Folder(..) => {
                let folder = self.book("--what-if")?;
                let postings = scenario::read(Some(folder.path()), what)?;
                Box::new(folder.supposing(supposing(postings)))
            }
            BookArgs::Server(..) => {
                let postings = scenario::read(None, what)?;
                Box::new(Server::new(self.client("this")?).supposing(supposing(postings))?)
            }
        })
    }

    /// The folder, for what reads or writes files.
    pub(super) fn folder(&self, verb: &str) -> Result<&Path, CliError> {
        match self {
            BookArgs::Folder(path, _) => Ok(path),
            BookArgs::Server(url, ..) => Err(CliError::usage(format!(
                "{verb} works on a data folder, and {url} is a server: leave out --server, or name the folder with --data"
            ))),
        }
    }

    /// The folder, which must hold a book.
    pub(super) fn book(&self, verb: &str) -> Result<Folder, CliError> {
        Folder::existing(self.folder(verb)?, self.token())
    }

    /// What signs in.
    pub(super) fn token(&self) -> Option<&str> {
        match self {
            BookArgs::Folder(_, token) | BookArgs::Server(_, token, _) => {
                token.as_ref().map(Token::as_str)
            }
        }
    }

    /// The server, for what only a server can do.
    pub(super) fn client(&self, verb: &str) -> Result<Client, CliError> {
        match self {
            BookArgs::Server(url, token, ca) => Client::new(url, token.as_ref(), ca.as_deref()),
            BookArgs::Folder(..) => Err(CliError::usage(format!(
                "{verb} needs a running server: name it with --server, such as --server http://127.0.0.1:8080"
            ))),
        }
    }
}

impl FromArgMatches for BookArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let PlaceArgs { data, server, token, ca } = PlaceArgs::from_arg_matches(matches)?;
        let Some(server) = server else { return Ok(BookArgs::Folder(data, token)) };
        let by_flag = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
        let by_environment = matches.value_source("data") == Some(ValueSource::EnvVariable);
        match (by_flag("server"), by_flag("data")) {
            (true, false) => Ok(BookArgs::Server(server, token, ca)),
            (false, true) => Ok(BookArgs::Folder(data, token)),
            (false, false) if !by_environment => Ok(BookArgs::Server(server, token, ca)),
            // A posting must not go to the wrong one of two books.
            _ => Err(clap::Error::raw(
                ErrorKind::ArgumentConflict,
                "a data folder and a server are both named: name one of them, by --data or --server",
            )),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for BookArgs {
    fn augment_args(command: Command) -> Command {
        PlaceArgs::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        PlaceArgs::augment_args_for_update(command)
    }
}

/// Where a server is asked: its address with the path of GraphQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerUrl(String);

impl ServerUrl {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is spoken to by https.
    pub(super) fn is_encrypted(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ServerUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is not a server: write http://HOST:PORT, or https");
        let address = text.trim_end_matches('/');
        let address = address.strip_suffix("/graphql").unwrap_or(address);
        let host = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://"));
        let host = host.ok_or_else(wrong)?;
        let plain = |char: char| char.is_ascii_graphic() && !"/?#@\\".contains(char);
        if host.is_empty() || !host.chars().all(plain) {
            return Err(wrong());
        }
        Ok(ServerUrl(format!("{address}/graphql")))
    }
}

/// What signs in: it never shows.
#[derive(Clone)]
pub(super) struct Token(String);

impl Token {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Token {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() || !text.chars().all(|char| char.is_ascii_graphic()) {
            return Err("a token is letters, digits and signs, without spaces".to_owned());
        }
        Ok(Token(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_its_address_with_or_without_the_path() {
        for text in ["http://h:1", "http://h:1/", "http://h:1/graphql", "http://h:1/graphql/"] {
            let url: ServerUrl = text.parse().expect(text);
            assert_eq!(url.as_str(), "http://h:1/graphql");
        }
        let encrypted: ServerUrl = "https://h:1".parse().expect("a server");
        assert_eq!(encrypted.as_str(), "https://h:1/graphql");
        for text in
            ["", "h:1", "ftp://h", "https://", "http://", "http://h/x", "http://a@h", "http://h h"]
        {
            assert!(text.parse::<ServerUrl>().is_err(), "{text}");
        }
    }
}
