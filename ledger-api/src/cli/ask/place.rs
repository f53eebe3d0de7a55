//! The arguments that name a book: a data folder, or a running server.

use std::cell::OnceCell;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chrono::NaiveDate;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use projections::AsAt;

use super::client::Client;
use super::folder::Folder;
use super::server::Server;
use super::what_if::WhatIf;
use super::{Door, scenario};
use crate::cli::exit::CliError;

/// The arguments that name a book.
#[derive(Args)]
struct PlaceArgs {
    /// The data folder of the book.
    #[arg(long, value_name = "DIR", env = "BUDGET_LEDGER_DATA", default_value = "ledger-data")]
    data: PathBuf,
    /// A running server to use in place of a data folder, such as http://127.0.0.1:8080.
    #[arg(long, value_name = "URL", env = "BUDGET_LEDGER_SERVER")]
    server: Option<ServerUrl>,
    /// Your key: it signs you in to a server, or to a folder that has keys.
    #[arg(long, env = "BUDGET_LEDGER_TOKEN", hide_env_values = true)]
    token: Option<Token>,
    /// A PEM file of certificate authorities, if this machine does not trust the server's.
    #[arg(long, value_name = "FILE", env = "BUDGET_LEDGER_CA")]
    ca: Option<PathBuf>,
}

/// A book to open. A flag wins over the environment.
pub(crate) enum BookArgs {
    /// A data folder, and the token for its keys.
    Folder(FolderArgs),
    /// A running server.
    Server(ServerArgs),
}

/// A running server, and the token that signs in to it.
pub(crate) struct ServerArgs {
    pub(super) url: ServerUrl,
    pub(super) token: Option<Token>,
    /// A file of certificate authorities.
    pub(super) authorities: Option<PathBuf>,
}

/// A data folder, for verbs that read or write its files.
#[derive(Args)]
pub(crate) struct FolderArgs {
    /// The data folder of the book.
    #[arg(long, value_name = "DIR", env = "BUDGET_LEDGER_DATA", default_value = "ledger-data")]
    pub(crate) data: PathBuf,
    /// Your key, if the folder has keys.
    #[arg(long, env = "BUDGET_LEDGER_TOKEN", hide_env_values = true)]
    token: Option<Token>,
}

impl FolderArgs {
    /// Opens the folder, which must hold a book.
    pub(crate) fn open(&self) -> Result<Folder, CliError> {
        Folder::open(&self.data, self.token()?)
    }

    /// The token, if one is given.
    pub(crate) fn token(&self) -> Result<Option<&str>, CliError> {
        self.token.as_ref().map(Token::checked).transpose()
    }
}

impl BookArgs {
    /// Opens the book.
    pub(crate) fn open(&self) -> Result<Box<dyn Door>, CliError> {
        Ok(match self {
            BookArgs::Folder(folder) => Box::new(folder.open()?),
            BookArgs::Server(server) => Box::new(Server::new(Client::new(server)?)),
        })
    }

    /// Opens the book as if the postings of a file or scenario had been made after a moment.
    pub(crate) fn open_supposing(
        &self,
        what: &Path,
        after: AsAt,
        on: Option<NaiveDate>,
    ) -> Result<Box<dyn Door>, CliError> {
        let door = self.open()?;
        let folder = match self {
            BookArgs::Folder(folder) => Some(folder.data.as_path()),
            BookArgs::Server(_) => None,
        };
        let postings = scenario::read(folder, what)?;
        let name = what.display().to_string();
        Ok(Box::new(WhatIf { door, name, postings, after, on, from: OnceCell::new() }))
    }

    /// The data folder, for arguments that read or write files in it.
    pub(crate) fn folder(&self, verb: &str) -> Result<&Path, CliError> {
        match self {
            BookArgs::Folder(folder) => Ok(&folder.data),
            BookArgs::Server(ServerArgs { url, .. }) => Err(CliError::usage(format!(
                "{verb} needs a data folder, and {url} is a server: leave out --server, or name the folder with --data"
            ))),
        }
    }
}

impl FromArgMatches for BookArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let PlaceArgs { data, server, token, ca } = PlaceArgs::from_arg_matches(matches)?;
        let Some(url) = server else { return Ok(BookArgs::Folder(FolderArgs { data, token })) };
        let server = |token| BookArgs::Server(ServerArgs { url, token, authorities: ca });
        let by_flag = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
        let by_environment = matches.value_source("data") == Some(ValueSource::EnvVariable);
        match (by_flag("server"), by_flag("data")) {
            (true, false) => Ok(server(token)),
            (false, true) => Ok(BookArgs::Folder(FolderArgs { data, token })),
            (false, false) if !by_environment => Ok(server(token)),
            // A posting must not go to the wrong book.
            _ => Err(clap::Error::raw(
                ErrorKind::ArgumentConflict,
                "both a data folder and a server are named: name one, with --data or --server",
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

/// The address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerUrl(String);

impl ServerUrl {
    /// The address for documents.
    pub(super) fn graphql(&self) -> String {
        format!("{}/graphql", self.0)
    }

    /// The address for uploads.
    pub(super) fn postings(&self) -> String {
        format!("{}/postings", self.0)
    }

    /// Whether connections use https.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.graphql())
    }
}

impl FromStr for ServerUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("\"{text}\" is not a server: write http://HOST:PORT or https://HOST:PORT");
        let address = text.trim_end_matches('/');
        let address = address.strip_suffix("/graphql").unwrap_or(address);
        let host = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://"));
        let host = host.ok_or_else(wrong)?;
        let plain = |char: char| char.is_ascii_graphic() && !"/?#@\\".contains(char);
        if host.is_empty() || !host.chars().all(plain) {
            return Err(wrong());
        }
        Ok(ServerUrl(address.to_owned()))
    }
}

/// A token that signs somebody in. No message shows it.
#[derive(Clone)]
pub(crate) struct Token(String);

impl Token {
    /// Checks the form of the token.
    pub(crate) fn checked(&self) -> Result<&str, CliError> {
        if self.0.is_empty() || !self.0.chars().all(|char| char.is_ascii_graphic()) {
            return Err(CliError::usage(
                "--token or BUDGET_LEDGER_TOKEN does not hold a key: copy it again, without spaces or line breaks",
            ));
        }
        Ok(&self.0)
    }
}

/// Never fails, because clap would show a refused argument.
impl From<&str> for Token {
    fn from(text: &str) -> Self {
        Token(text.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_its_address_with_or_without_the_path() {
        for text in ["http://h:1", "http://h:1/", "http://h:1/graphql", "http://h:1/graphql/"] {
            let url: ServerUrl = text.parse().expect(text);
            assert_eq!(url.graphql(), "http://h:1/graphql");
        }
        let encrypted: ServerUrl = "https://h:1".parse().expect("a server");
        assert_eq!(encrypted.graphql(), "https://h:1/graphql");
        for text in
            ["", "h:1", "ftp://h", "https://", "http://", "http://h/x", "http://a@h", "http://h h"]
        {
            assert!(text.parse::<ServerUrl>().is_err(), "{text}");
        }
    }
}
