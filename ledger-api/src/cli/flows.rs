//! `budget-ledger flows`

use clap::{Args, ValueEnum};
use ledger_core::domain::code::ProgrammeCode;
use projections::flows::Grouping;

use super::args::ReadArgs;
use super::budget::WhichArgs;
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::source::answer::Answer;
use super::source::flows::{FlowQuestion, FlowRow, MarginRow, OriginRow, PartyRow};

/// Who paid for whom in a year, as at any moment: a matrix of parties, what each paid and got, the
/// settlements their money came from, or the path it took to a programme.
///
/// What each gave and got is as entries state it. Where one entry names several givers and several
/// takers, who paid whom is shared in proportion: that part stands under `byRule`, and is no
/// source's. Money in suspense is `unattributed`.
#[derive(Args)]
pub(super) struct Flows {
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
pub(super) enum ByArg {
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

/// Those of a flow are the same without the first.
const STEPS: &[&str] = &[
    "distance",
    "from",
    "fromCode",
    "fromYear",
    "to",
    "toCode",
    "toYear",
    "amount",
    "byRule",
    "unattributed",
    "position",
];

const MARGINS: &[&str] = &[
    "party",
    "code",
    "funded",
    "returned",
    "received",
    "given",
    "carriedIn",
    "carriedOut",
    "eliminated",
    "net",
    "position",
];

fn party(party: PartyRow) -> [Cell; 3] {
    [Cell::Text(party.kind), Cell::maybe_text(party.code), Cell::maybe_text(party.year)]
}

fn flows(caption: &str, told: Answer<FlowRow>, path: bool) -> Rows {
    let flows = STEPS.split_first().map_or(STEPS, |(_, columns)| columns);
    let columns = if path { STEPS } else { flows };
    let mut rows = Rows::new(format!("{caption}, as at position {}", told.position), columns);
    for row in told.rows {
        let distance = |steps: usize| Cell::Number(u64::try_from(steps).unwrap_or(u64::MAX));
        let mut cells: Vec<Cell> =
            path.then(|| Cell::maybe(row.distance, distance)).into_iter().collect();
        cells.extend(party(row.from));
        cells.extend(party(row.to));
        cells.extend([
            Cell::Money(row.pence),
            Cell::Money(row.by_rule),
            Cell::Flag(row.unattributed),
            Cell::Number(told.position.get()),
        ]);
        rows.push(cells);
    }
    rows
}

fn margins(caption: &str, told: Answer<MarginRow>) -> Rows {
    let mut rows = Rows::new(format!("{caption}, as at position {}", told.position), MARGINS);
    for MarginRow { party, totals } in told.rows {
        rows.push(vec![
            Cell::Text(party.kind),
            Cell::maybe_text(party.code),
            Cell::Money(totals.funded),
            Cell::Money(totals.returned),
            Cell::Money(totals.received),
            Cell::Money(totals.given),
            Cell::Money(totals.carried_in),
            Cell::Money(totals.carried_out),
            Cell::Money(totals.eliminated),
            Cell::Money(totals.net()),
            Cell::Number(told.position.get()),
        ]);
    }
    rows
}

fn origins(caption: &str, told: Answer<OriginRow>) -> Rows {
    let columns = &["fund", "kind", "budget", "spent", "position"];
    let mut rows = Rows::new(format!("{caption}, as at position {}", told.position), columns);
    for OriginRow { fund, kind, budget, spent } in told.rows {
        rows.push(vec![
            Cell::maybe_text(fund),
            Cell::Text(kind),
            Cell::Money(budget),
            Cell::Money(spent),
            Cell::Number(told.position.get()),
        ]);
    }
    rows
}

impl Flows {
    pub(super) fn run(self) -> Result<(), CliError> {
        let of = self.which.question();
        let question = FlowQuestion { of, by: self.by.into(), level: self.level };
        let (source, year) = (self.which.open(&self.read)?, of.year);
        let rows = if self.margins {
            margins(&format!("What each paid and got in {year}"), source.flow_margins(&question)?)
        } else if self.origins {
            origins(&format!("Where the money of {year} came from"), source.origins(&question)?)
        } else if let Some(code) = self.path {
            let told = source.flow_path(&question, code)?;
            flows(&format!("The path of the money of {code} in {year}"), told, true)
        } else {
            flows(&format!("Who paid for whom in {year}"), source.flows(&question)?, false)
        };
        Ok(rows.print(self.read.format)?)
    }
}
