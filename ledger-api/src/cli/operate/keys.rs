//! `budget-ledger keys`

use std::sync::Arc;

use chrono::Days;
use clap::{Args, Subcommand};
use ledger_core::domain::actor::{Capacity, Tier};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use ledger_core::domain::text::ActorId;

use crate::access::gate;
use crate::access::identity::grant::{Grant, Reach};
use crate::access::identity::role::Role;
use crate::access::log::record::AccessEvent;
use crate::access::second_person::ask_for_second_person;
use crate::access::sign_in::key::{NewKey, TOKEN_BYTES, token};
use crate::access::sign_in::keyring::Keyring;
use crate::access::sign_in::keys::Keys as KeysFile;
use crate::cli::args::FolderReadArgs;
use crate::cli::ask::sign_in;
use crate::cli::exit::{CliError, Exit};
use crate::cli::output::{Cell, Rows};
use crate::cli::post::write;
use crate::clock::{now, system_clock};
use crate::sample;
use projections::book::{Book, DataFolder};

/// Make, confirm, list and revoke the keys that people sign in with.
///
/// A key is shown once, when it is made; the folder keeps only a digest of it. A key that an
/// administrator makes works once a second person confirms it.
#[derive(Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    verb: KeysVerb,
}

#[derive(Subcommand)]
enum KeysVerb {
    /// Make the first two keys: for an administrator and for an approver of the department.
    ///
    /// The book gets the policy of several people: what one may not do alone, another signs.
    ///
    /// From then on every verb on the folder needs a key.
    Init(Init),
    /// Make a key. A second person then confirms it.
    Create(Create),
    /// List keys and their status.
    List(List),
    /// Confirm a key made by another person for a third.
    Confirm(OneKey),
    /// Revoke a key. Its connections end within seconds.
    Revoke(OneKey),
}

#[derive(Args)]
struct Init {
    #[command(flatten)]
    read: FolderReadArgs,
    /// The id of the administrator.
    #[arg(long, value_name = "ID")]
    administrator: ActorId,
    /// The id of the department's approver, another person.
    #[arg(long, value_name = "ID")]
    approver: ActorId,
    /// The department's ODS code.
    #[arg(long, value_name = "CODE", default_value = sample::DEPARTMENT)]
    department: BodyCode,
    /// Days until the keys expire.
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    days: u64,
}

#[derive(Args)]
struct Create {
    #[command(flatten)]
    read: FolderReadArgs,
    /// The id of the person it is for. A person has the same id under every key.
    #[arg(long = "for", value_name = "ID")]
    actor: ActorId,
    /// viewer, preparer, auditor, administrator, or approver:TIER:BODY. Repeat for several.
    #[arg(long, value_name = "ROLE", required = true)]
    role: Vec<Role>,
    /// Limit it to this body and those below it. Repeat for several.
    #[arg(long, value_name = "CODE")]
    body: Vec<BodyCode>,
    /// Limit it to this programme and those below it. Repeat for several.
    #[arg(long, value_name = "CODE")]
    programme: Vec<ProgrammeCode>,
    /// Let a limited role draw on this fund and those below it, and read their balances. Repeat for
    /// several.
    #[arg(long, value_name = "CODE")]
    fund: Vec<FundCode>,
    /// Days until it expires.
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    days: u64,
}

#[derive(Args)]
struct List {
    #[command(flatten)]
    read: FolderReadArgs,
}

#[derive(Args)]
struct OneKey {
    /// The id of the key, as `keys list` shows it.
    id: String,
    #[command(flatten)]
    read: FolderReadArgs,
}

impl Keys {
    pub(crate) fn run(self) -> Result<(), CliError> {
        match self.verb {
            KeysVerb::Init(verb) => verb.run(),
            KeysVerb::Create(verb) => verb.run(),
            KeysVerb::List(verb) => verb.run(),
            KeysVerb::Confirm(verb) => verb.confirm(),
            KeysVerb::Revoke(verb) => verb.revoke(),
        }
    }
}

impl Init {
    fn run(self) -> Result<(), CliError> {
        let Init { read, administrator, approver, department, days } = self;
        let path = &read.folder.data;
        if !DataFolder::has_book(path)? {
            let path = path.display();
            return Err(CliError::usage(format!(
                "there is no book in {path}: make one with `budget-ledger init --data {path}`, or name another folder"
            )));
        }
        if !Keyring::exists(path) && administrator != approver {
            let book = Book::open(DataFolder::writable(path)?, system_clock(), None)?;
            let adopted = ask_for_second_person(&book, &administrator);
            book.close()?;
            adopted?;
        }
        let (at, expires) = (now(), in_days(days)?);
        let signs = Role::Approver(Capacity { tier: Tier::Department, body: department });
        let people = [(administrator, Role::Administrator), (approver, signs)];
        let mut made = Vec::new();
        for (actor, role) in people {
            made.push(MadeKey {
                actor,
                grants: vec![Grant::everywhere(role)],
                ..MadeKey::new(expires)?
            });
        }
        if let [administrator, approver] = made.as_slice() {
            Keyring::begin(path, administrator.key(), approver.key(), at)?;
        }
        write::note("Give each person their key now: it is not shown again.");
        write::note(
            "These two prepare nothing: make a key for a third person with `budget-ledger keys create --for ID --role preparer`",
        );
        Ok(key_rows("The first two keys.", &made, "valid").print(read.format)?)
    }
}

impl Create {
    fn run(self) -> Result<(), CliError> {
        let Create { read, actor, role, body, programme, fund, days } = self;
        if !fund.is_empty() && body.is_empty() && programme.is_empty() {
            return Err(CliError::usage(
                "a role that covers the whole book draws on every fund: leave out --fund, or limit the role by --body or --programme",
            ));
        }
        let path = &read.folder.data;
        let (keyring, by) = sign_in::keyring(path, read.folder.token()?)?;
        let grant = |role| Grant {
            role,
            bodies: reach(&body),
            programmes: reach(&programme),
            funds: fund.clone(),
        };
        let grants = role.into_iter().map(grant).collect();
        let made = MadeKey { actor, grants, ..MadeKey::new(in_days(days)?)? };
        let at = now();
        keyring.change(
            &by,
            at,
            |keys| keys.make(&by, made.key(), at),
            |digest| AccessEvent::KeyMade {
                key: Arc::clone(&made.id),
                actor: made.actor.clone(),
                grants: made.grants.iter().map(ToString::to_string).collect(),
                digest,
            },
        )?;
        write::note(&format!(
            "It does not work yet. A second person must confirm it: budget-ledger keys confirm {}",
            made.id
        ));
        Ok(key_rows("A new key. It is not shown again.", &[made], "pending").print(read.format)?)
    }
}

impl List {
    fn run(self) -> Result<(), CliError> {
        let List { read } = self;
        let (keyring, by) = sign_in::keyring(&read.folder.data, read.folder.token()?)?;
        // Those who confirm keys and auditors see every key; others see their own.
        let all = gate::may_confirm(&by).is_ok() || gate::may_read_access_log(&by).is_ok();
        let keys = keyring.keys().unwrap_or_else(KeysFile::default);
        let columns =
            &["id", "actor", "grants", "standing", "madeBy", "confirmedBy", "expires", "revokedBy"];
        let mut rows = Rows::new("Keys.", columns);
        for key in keys.all().iter().filter(|key| all || key.actor == by.id) {
            rows.push(vec![
                Cell::text(&key.id),
                Cell::text(&key.actor),
                Cell::List(key.grants.iter().map(ToString::to_string).collect()),
                Cell::variant(key.status(now())),
                Cell::text(&key.made.by),
                Cell::maybe_text(key.confirmed.as_ref().map(|done| &done.by)),
                Cell::maybe_text(key.expires),
                Cell::maybe_text(key.revoked.as_ref().map(|done| &done.by)),
            ]);
        }
        Ok(rows.print(read.format)?)
    }
}

impl OneKey {
    fn confirm(self) -> Result<(), CliError> {
        let OneKey { id, read } = self;
        let (keyring, by) = sign_in::keyring(&read.folder.data, read.folder.token()?)?;
        let (at, key) = (now(), id.as_str().into());
        let what = |digest| AccessEvent::KeyConfirmed { key, digest };
        keyring.change(&by, at, |keys| keys.confirm(&by, &id, at), what)?;
        write::note(&format!("Key {id} works from now on."));
        Ok(())
    }

    fn revoke(self) -> Result<(), CliError> {
        let OneKey { id, read } = self;
        let (keyring, by) = sign_in::keyring(&read.folder.data, read.folder.token()?)?;
        let (at, key) = (now(), id.as_str().into());
        let what = |digest| AccessEvent::KeyRevoked { key, digest };
        keyring.change(&by, at, |keys| keys.revoke(&by, &id, at), what)?;
        write::note(&format!("Key {id} is revoked."));
        Ok(())
    }
}

/// A new key, with its token.
struct MadeKey {
    id: Arc<str>,
    token: String,
    actor: ActorId,
    grants: Vec<Grant>,
    expires: Timestamp,
}

impl MadeKey {
    /// A key with a random id and token, not yet for a person.
    fn new(expires: Timestamp) -> Result<Self, CliError> {
        let failed = |error: getrandom::Error| {
            CliError::new(Exit::Failure, "NO_RANDOMNESS", error.to_string())
        };
        let (mut id, mut secret) = ([0; 4], [0; TOKEN_BYTES]);
        getrandom::fill(&mut id).map_err(failed)?;
        getrandom::fill(&mut secret).map_err(failed)?;
        let nobody = "nobody".parse();
        Ok(MadeKey {
            id: format!("k{:08x}", u32::from_be_bytes(id)).into(),
            token: token(&secret),
            actor: nobody.map_err(|error| CliError::usage(format!("{error}")))?,
            grants: Vec::new(),
            expires,
        })
    }

    fn key(&self) -> NewKey<'_> {
        NewKey {
            id: Arc::clone(&self.id),
            token: &self.token,
            actor: self.actor.clone(),
            grants: self.grants.clone(),
            expires: Some(self.expires),
        }
    }
}

fn reach<C: Copy>(listed: &[C]) -> Reach<C> {
    if listed.is_empty() { Reach::All } else { Reach::Only(listed.to_vec()) }
}

fn in_days(days: u64) -> Result<Timestamp, CliError> {
    let end = now().to_utc().checked_add_days(Days::new(days));
    let end = end.ok_or_else(|| {
        CliError::usage(format!("a key cannot last {days} days: give fewer with --days"))
    })?;
    Ok(Timestamp::from_micros(end.timestamp_micros()))
}

fn key_rows(caption: &str, made: &[MadeKey], standing: &str) -> Rows {
    let columns = &["id", "actor", "grants", "expires", "standing", "token"];
    let mut rows = Rows::new(caption, columns);
    for MadeKey { id, token, actor, grants, expires } in made {
        rows.push(vec![
            Cell::text(id),
            Cell::text(actor),
            Cell::List(grants.iter().map(ToString::to_string).collect()),
            Cell::text(expires),
            Cell::text(standing),
            Cell::text(token),
        ]);
    }
    rows
}
