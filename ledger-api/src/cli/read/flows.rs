//! `budget-ledger flows`

use clap::{Args, ValueEnum};
use ledger_core::domain::code::ProgrammeCode;
use projections::flows::Grouping;

use serde_json::json;

use super::budget::WhichArgs;
use crate::cli::args::ReadArgs;
use crate::cli::ask::table::{Column, Table, flag, member, money, number, text};
use crate::cli::ask::variables;
use crate::cli::exit::CliError;

/// Who paid for whom in a year, as at any moment: a matrix of parties, what each paid and got, the
/// settlements their money came from, or the path it took to a programme.
///
/// What each gave and got is as entries state it. Where one entry names several givers and several
/// takers, who paid whom is shared in proportion: that part stands under `byRule`, and is no
/// source's. Money in suspense is `unattributed`.
#[derive(Args)]
pub(in crate::cli) struct Flows {
    #[command(flatten)]
    which: WhichArgs,
    /// What to sum lines into.
    #[arg(long, value_enum, default_value_t)]
    by: ByArg,
    /// How far down the tree of programmes or bodies, 0 for its top: what is below is summed into
    /// it.
    #[arg(long)]
    level: Option<u32>,
    /// What each party paid and got, with those below it; what stays within it is eliminated.
    #[arg(long, conflicts_with_all = ["origins", "path"])]
    margins: bool,
    /// Which settlements the budget and its spend came from.
    #[arg(long, conflicts_with = "path")]
    origins: bool,
    /// The path of this programme's money, from what it spent back to settlements.
    #[arg(long, value_name = "CODE")]
    path: Option<ProgrammeCode>,
    #[command(flatten)]
    read: ReadArgs,
}

/// What to sum lines into.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(in crate::cli) enum ByArg {
    /// Programmes.
    #[default]
    Programme,
    /// Bodies.
    Body,
    /// Budget classes.
    Class,
}

impl From<ByArg> for Grouping {
    fn from(by: ByArg) -> Self {
        match by {
            ByArg::Programme => Grouping::Programme,
            ByArg::Body => Grouping::Body,
            ByArg::Class => Grouping::Class,
        }
    }
}

/// The columns of a path; those of a flow are the same without the first.
const STEPS: [Column; 11] = [
    number("distance", "distance"),
    member("from", "from.kind"),
    text("fromCode", "from.code"),
    text("fromYear", "from.year"),
    member("to", "to.kind"),
    text("toCode", "to.code"),
    text("toYear", "to.year"),
    money("amount", "amount"),
    money("byRule", "byRule"),
    flag("unattributed", "unattributed"),
    number("position", "^position"),
];

const FLOWS: Table = Table {
    document: include_str!("../documents/flows.graphql"),
    rows: "answer.rows",
    each: None,
    columns: STEPS.split_at(1).1,
};

const PATH: Table = Table {
    document: include_str!("../documents/flow-path.graphql"),
    rows: "answer.path",
    each: None,
    columns: &STEPS,
};

const MARGINS: Table = Table {
    document: include_str!("../documents/flow-margins.graphql"),
    rows: "answer.margins",
    each: None,
    columns: &[
        member("party", "party.kind"),
        text("code", "party.code"),
        money("funded", "figures.funded"),
        money("returned", "figures.returned"),
        money("received", "figures.received"),
        money("given", "figures.given"),
        money("carriedIn", "figures.carriedIn"),
        money("carriedOut", "figures.carriedOut"),
        money("eliminated", "figures.eliminated"),
        money("net", "figures.net"),
        number("position", "^position"),
    ],
};

const ORIGINS: Table = Table {
    document: include_str!("../documents/flow-origins.graphql"),
    rows: "answer.origins",
    each: None,
    columns: &[
        text("fund", "fund"),
        member("kind", "kind"),
        money("budget", "budget"),
        money("spent", "spent"),
        number("position", "^position"),
    ],
};

impl Flows {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let year = self.which.lines.year;
        let (table, caption) = if self.margins {
            (&MARGINS, format!("What each paid and got in {year}"))
        } else if self.origins {
            (&ORIGINS, format!("Where the money of {year} came from"))
        } else if let Some(code) = self.path {
            (&PATH, format!("The path of the money of {code} in {year}"))
        } else {
            (&FLOWS, format!("Who paid for whom in {year}"))
        };
        let more = json!({
            "by": variables::member(Grouping::from(self.by)),
            "level": self.level,
            "programme": variables::text(self.path),
        });
        let answer = self.which.ask(table, more, &self.read)?;
        let caption = format!("{caption}, as at position {}", answer.position());
        Ok(answer.rows(caption).print(self.read.format)?)
    }
}
