//! `budget-ledger claims`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::event::FigurePublished;
use projections::claims::{Held, HeldClaim};

use super::args::{MomentArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use crate::describe;

/// Published figures, each held against the ledger: what that said when the figure was published
/// and says now, the difference, and which scope explains it.
#[derive(Args)]
pub(super) struct Claims {
    /// Only those about this financial year.
    #[arg(long)]
    year: Option<FinancialYear>,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

/// Fixed: scripts rely on them.
const COLUMNS: &[&str] = &[
    "code",
    "title",
    "scope",
    "fund",
    "year",
    "measure",
    "figure",
    "low",
    "high",
    "bearer",
    "source",
    "publishedOn",
    "supersedes",
    "supersededBy",
    "entry",
    "recorded",
    "ledgerThen",
    "differenceThen",
    "agreesThen",
    "explainedByThen",
    "unexplainedThen",
    "ledgerNow",
    "differenceNow",
    "agreesNow",
    "explainedByNow",
    "unexplainedNow",
    "position",
];

fn held(held: &Held) -> Vec<Cell> {
    let scopes: Vec<String> = held.explained_by.iter().map(|one| one.scope.to_string()).collect();
    vec![
        Cell::maybe_money(held.ledger),
        Cell::maybe_money(held.difference),
        Cell::maybe_text(held.agrees.map(|agrees| if agrees { "yes" } else { "no" })),
        Cell::maybe_text((!scopes.is_empty()).then(|| scopes.join(" "))),
        Cell::maybe_money(held.unexplained),
    ]
}

impl Claims {
    pub(super) fn run(self) -> Result<(), CliError> {
        let told = self.read.open(&self.moment)?.claims(self.year, self.moment.as_at())?;
        let at = told.position;
        let mut rows = Rows::new(format!("Published figures as at position {at}"), COLUMNS);
        for HeldClaim { claim, recorded, superseded_by, at_publication, now } in told.rows {
            let FigurePublished { code, title, scope, fund, year, measure, .. } = claim.published;
            let FigurePublished { figure, source, published_on, bearer, supersedes, .. } =
                claim.published;
            let bounds = figure.bounds();
            let mut cells = vec![
                Cell::text(code),
                Cell::text(title),
                Cell::maybe_text(scope),
                Cell::maybe_text(fund),
                Cell::maybe_text(year),
                Cell::maybe_text(measure),
                Cell::Text(describe::figure(&figure)),
                Cell::maybe_money(bounds.map(|(low, _)| low)),
                Cell::maybe_money(bounds.and_then(|(_, high)| high)),
                Cell::maybe(bearer, Cell::variant),
                Cell::text(source),
                Cell::text(published_on),
                Cell::maybe_text(supersedes),
                Cell::maybe_text(superseded_by),
                Cell::Number(claim.recorded_by.get()),
                Cell::maybe_text(recorded),
            ];
            cells.extend(held(&at_publication));
            cells.extend(held(&now));
            cells.push(Cell::Number(at.get()));
            rows.push(cells);
        }
        Ok(rows.print(self.read.format)?)
    }
}
