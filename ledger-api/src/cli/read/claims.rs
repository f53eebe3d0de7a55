//! `budget-ledger claims`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::claim::{Figure, PenceRange};
use ledger_core::domain::money::Pence;
use serde_json::{Value, json};

use crate::cli::args::{MomentArgs, ReadArgs};
use crate::cli::ask::table::{Table, codes, computed, member, money, number, pence, text};
use crate::cli::ask::variables::{self, with};
use crate::cli::exit::CliError;
use crate::cli::output::Cell;
use crate::text::describe;

/// Published figures, each beside what the ledger said when it was published and says now: the
/// difference, and which scope explains it.
#[derive(Args)]
pub(in crate::cli) struct Claims {
    /// Only those about this financial year.
    #[arg(long)]
    year: Option<FinancialYear>,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

/// Fixed: scripts rely on them.
const TABLE: Table = Table {
    document: include_str!("../documents/claims.graphql"),
    rows: "answer.rows",
    each: None,
    columns: &[
        text("code", "code"),
        text("title", "title"),
        text("scope", "scope"),
        text("fund", "fund"),
        text("year", "year"),
        member("measure", "measure"),
        computed("figure", "", |claim| {
            Cell::maybe_text(figure(claim).as_ref().map(describe::figure))
        }),
        computed("low", "", |claim| bound(claim, |(low, _)| Some(low))),
        computed("high", "", |claim| bound(claim, |(_, high)| high)),
        member("bearer", "bearer"),
        text("source", "source"),
        text("publishedOn", "publishedOn"),
        text("supersedes", "supersedes"),
        text("supersededBy", "supersededBy"),
        number("entry", "recordedBy"),
        text("recorded", "recordedAt"),
        money("ledgerThen", "atPublication.ledger"),
        money("differenceThen", "atPublication.difference"),
        computed("agreesThen", "atPublication.agrees", agrees),
        codes("explainedByThen", "atPublication.explainedBy"),
        money("unexplainedThen", "atPublication.unexplained"),
        money("ledgerNow", "now.ledger"),
        money("differenceNow", "now.difference"),
        computed("agreesNow", "now.agrees", agrees),
        codes("explainedByNow", "now.explainedBy"),
        money("unexplainedNow", "now.unexplained"),
        number("position", "^position"),
    ],
};

fn figure(claim: &Value) -> Option<Figure> {
    let amount = |name: &str| pence(&claim[name]);
    Some(match claim["certainty"].as_str()? {
        "EXACT" => Figure::Exact(amount("amount")?),
        "ABOUT" => Figure::About(amount("amount")?),
        "AT_LEAST" => Figure::AtLeast(amount("amount")?),
        "RANGE" => Figure::Range(PenceRange { low: amount("low")?, high: amount("high")? }),
        _ => Figure::Unquantified(claim["words"].as_str()?.parse().ok()?),
    })
}

fn bound(claim: &Value, of: fn((Pence, Option<Pence>)) -> Option<Pence>) -> Cell {
    Cell::maybe_money(figure(claim).and_then(|figure| figure.bounds()).and_then(of))
}

fn agrees(agrees: &Value) -> Cell {
    Cell::maybe_text(agrees.as_bool().map(|agrees| if agrees { "yes" } else { "no" }))
}

impl Claims {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let variables =
            with(json!({ "year": variables::text(self.year) }), self.moment.variables());
        let answer = TABLE.ask(&*self.read.open(&self.moment)?, variables)?;
        let caption = format!("Published figures as at {}", answer.moment());
        Ok(answer.rows(caption).print(self.read.format)?)
    }
}
