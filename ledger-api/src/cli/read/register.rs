//! What is registered: programmes, bodies, scopes, delegations and the policy, for the verbs of the same
//! names.

use std::io;

use ledger_core::domain::policy::Policy;
use ledger_core::domain::position::Position;

use crate::cli::args::{MomentArgs, ReadArgs};
use crate::cli::ask::table::{Answer, Table, codes, flag, member, members, number, text, whole};
use crate::cli::exit::CliError;

/// A list of a register.
pub(in crate::cli) struct Register {
    /// What it lists, for people.
    title: &'static str,
    table: Table,
}

pub(in crate::cli) const PROGRAMMES: Register = Register {
    title: "Programmes",
    table: Table {
        document: include_str!("../documents/programmes.graphql"),
        rows: "rows",
        each: None,
        columns: &[
            text("code", "code"),
            text("name", "name"),
            text("parent", "parent.code"),
            member("status", "status"),
            number("position", "^position"),
        ],
    },
};

pub(in crate::cli) const BODIES: Register = Register {
    title: "Bodies",
    table: Table {
        document: include_str!("../documents/bodies.graphql"),
        rows: "rows",
        each: None,
        columns: &[
            text("code", "code"),
            text("name", "name"),
            member("kind", "kind"),
            text("parent", "parent.code"),
            text("openedOn", "openedOn"),
            text("closedOn", "closedOn"),
            text("successor", "successor.code"),
            number("position", "^position"),
        ],
    },
};

pub(in crate::cli) const SCOPES: Register = Register {
    title: "Scopes of published figures",
    table: Table {
        document: include_str!("../documents/scopes.graphql"),
        rows: "answer.rows",
        each: None,
        columns: &[
            text("code", "code"),
            text("name", "name"),
            codes("programmes", "programmes"),
            codes("bodies", "bodies"),
            members("classes", "classes"),
            number("entry", "definedBy"),
            number("position", "^position"),
        ],
    },
};

pub(in crate::cli) const DELEGATIONS: Register = Register {
    title: "Delegations",
    table: Table {
        document: include_str!("../documents/delegations.graphql"),
        rows: "rows",
        each: None,
        columns: &[
            number("number", "number"),
            text("from", "from"),
            text("to", "to"),
            member("tier", "tier"),
            text("body", "body"),
            text("begins", "begins"),
            text("ends", "ends"),
            number("endedBy", "endedBy"),
            flag("lapsed", "lapsed"),
            number("position", "^moment.position"),
        ],
    },
};

const POLICY: Table = Table {
    document: include_str!("../documents/policy.graphql"),
    rows: "policy",
    each: None,
    columns: &[
        number("recordedBy", "recordedBy"),
        text("effective", "effective"),
        text("policy", "canonical"),
        number("position", "^moment.position"),
    ],
};

impl Register {
    /// Lists it as at a moment.
    pub(in crate::cli) fn list(
        &self,
        read: &ReadArgs,
        moment: &MomentArgs,
    ) -> Result<(), CliError> {
        let answer = ask(&self.table, read, moment)?;
        let caption = format!("{} as at position {}", self.title, answer.position());
        Ok(answer.rows(caption).print(read.format)?)
    }
}

/// Shows the policy in force at a moment.
pub(in crate::cli) fn policy(read: &ReadArgs, moment: &MomentArgs) -> Result<(), CliError> {
    let answer = ask(&POLICY, read, moment)?;
    let caption = format!("The policy as at {}", answer.moment());
    Ok(answer.rows(caption).in_blocks().print(read.format)?)
}

/// The policy in force at a moment.
pub(in crate::cli) struct PolicyInForce {
    pub(in crate::cli) policy: Policy,
    pub(in crate::cli) position: Position,
}

/// Reads the policy in force at a moment.
pub(in crate::cli) fn policy_in_force(
    read: &ReadArgs,
    moment: &MomentArgs,
) -> Result<PolicyInForce, CliError> {
    let door = read.open(moment)?;
    let data = door.ask(POLICY.document, &moment.variables())?;
    let canonical = data["policy"]["canonical"].as_str().unwrap_or_default();
    let policy = serde_json::from_str(canonical).map_err(io::Error::from)?;
    let position = whole(&data["moment"]["position"]).unwrap_or_default();
    Ok(PolicyInForce { policy, position: Position::new(position) })
}

fn ask(table: &Table, read: &ReadArgs, moment: &MomentArgs) -> Result<Answer, CliError> {
    table.ask(&*read.open(moment)?, moment.variables())
}
