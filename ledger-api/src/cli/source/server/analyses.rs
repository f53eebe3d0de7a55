//! What analysts ask of a server.

use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode, RingFence};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::Outside;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::Reference;
use projections::AsAt;
use projections::budget::{
    Accuracy, BudgetRow, DiffRow, Direction, Outturn, Pattern, Reasons, ReasonsBy, Revision, Stage,
    Step,
};
use projections::figures::Figures;
use projections::measure::{Measure, Measures};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::asking::of_year;
use super::node::{Coded, FiguresNode, Page, code, member as member_of, text};
use super::wire::{Member, Pounds, Text, as_at, member};
use super::{PAGE, Server, document};
use crate::cli::exit::CliError;
use crate::cli::source::analyses::{
    Analyses, AtRiskRow, BridgeTold, BridgeTotals, ChangeRow, MovedTo, OutflowRow, Said,
    Statements, Who, YearsQuestion,
};
use crate::cli::source::answer::Answer;
use crate::cli::source::question::Question;

/// An answer that holds one list.
#[derive(Deserialize)]
#[serde(bound = "N: Deserialize<'de>")]
struct Told<N> {
    told: Option<Listed<N>>,
}

#[derive(Deserialize)]
#[serde(bound = "N: Deserialize<'de>")]
struct Listed<N> {
    rows: Page<N>,
}

/// Who posted an entry, and why.
#[derive(Deserialize)]
struct SaidNode {
    actor: String,
    reason: String,
}

fn who(position: Position, recorded: Option<Text<Timestamp>>, entry: Option<SaidNode>) -> Who {
    let said = entry.map(|SaidNode { actor, reason }| Said { actor, reason });
    Who { position, recorded: text(recorded), said }
}

fn maybe(pounds: Option<Pounds>) -> Option<Pence> {
    pounds.map(|Pounds(pence)| pence)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TotalsNode {
    position: Text<Position>,
    struck_by: Option<Text<Position>>,
    original: Option<Pounds>,
    effective_later: Pounds,
    revised: Pounds,
    forecast: Option<Pounds>,
    outturn: Pounds,
    closed: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StepNode {
    position: Text<Position>,
    recorded_at: Option<Text<Timestamp>>,
    amount: Pounds,
    before: Option<Pounds>,
    after: Option<Pounds>,
    entry: Option<SaidNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DiffNode {
    programme: Option<Coded<ProgrammeCode>>,
    name: Option<String>,
    body: Option<Coded<BodyCode>>,
    class: Option<Member<BudgetClass>>,
    ring_fence: Option<Text<RingFence>>,
    through: Option<Text<Month>>,
    before: Option<FiguresNode>,
    after: Option<FiguresNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChangeNode {
    position: Text<Position>,
    recorded_at: Option<Text<Timestamp>>,
    revised: Pounds,
    committed: Pounds,
    accrued: Pounds,
    actual: Pounds,
    forecast: Pounds,
    internal_forecast: Pounds,
    entry: Option<SaidNode>,
}

#[derive(Deserialize)]
struct ReasonsNode {
    programme: Option<Coded<ProgrammeCode>>,
    body: Option<Text<BodyCode>>,
    class: Option<Member<BudgetClass>>,
    name: Option<String>,
    underspend: Pounds,
    slippage: Pounds,
    saving: Pounds,
    clawback: Pounds,
    diversion: Pounds,
    unknown: Pounds,
    unexplained: Pounds,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutflowNode {
    position: Text<Position>,
    recorded_at: Option<Text<Timestamp>>,
    amount: Pounds,
    destinations: Vec<DestinationNode>,
    entry: Option<SaidNode>,
}

#[derive(Deserialize)]
struct DestinationNode {
    kind: Member<String>,
    to: LegNode,
}

#[derive(Deserialize)]
struct LegNode {
    line: Option<Text<LineKey>>,
    fund: Option<Text<FundCode>>,
    class: Option<Member<BudgetClass>>,
    outside: Option<Member<Outside>>,
    amount: Pounds,
}

impl From<DestinationNode> for MovedTo {
    fn from(node: DestinationNode) -> Self {
        let LegNode { line, fund, class, outside, amount } = node.to;
        let fund = text(fund).zip(member_of(class)).map(|(fund, class)| format!("{fund}/{class}"));
        let beyond = member_of(outside).map(|outside| match outside {
            Outside::Treasury => "treasury".to_owned(),
            Outside::ExistingBudgets => "existingBudgets".to_owned(),
        });
        let line = text(line).map(|line| line.to_string());
        let account = line.or(fund).or(beyond).unwrap_or_default();
        MovedTo { how: node.kind.0, account, pence: amount.0 }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RevisionNode {
    position: Text<Position>,
    recorded_at: Option<Text<Timestamp>>,
    line: Text<LineKey>,
    month: Text<Month>,
    before: Option<Pounds>,
    after: Pounds,
    entry: Option<SaidNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AtRiskNode {
    line: Text<LineKey>,
    reference: Text<Reference>,
    made: Pounds,
    open: Pounds,
    made_by: Text<Position>,
    recorded_at: Option<Text<Timestamp>>,
    entry: Option<SaidNode>,
}

#[derive(Deserialize)]
struct PatternNode {
    programme: Option<Coded<ProgrammeCode>>,
    name: Option<String>,
    years: Vec<OutturnNode>,
}

#[derive(Deserialize)]
struct OutturnNode {
    year: Text<FinancialYear>,
    revised: Pounds,
    outturn: Pounds,
}

#[derive(Deserialize)]
struct AccuracyNode {
    year: Text<FinancialYear>,
    programme: Option<Coded<ProgrammeCode>>,
    name: Option<String>,
    month: Text<Month>,
    forecast: Pounds,
    outturn: Pounds,
    unforecast: Pounds,
}

impl Server {
    /// All rows of a list about a year's lines.
    fn rows<N: DeserializeOwned, T>(
        &self,
        document: &str,
        variables: Value,
        rows_of: impl Fn(N) -> Option<T>,
    ) -> Result<Answer<T>, CliError> {
        let page = |told: Told<N>| told.told.map(|listed| listed.rows);
        let rows = |node: N| rows_of(node).into_iter().collect();
        let answer = self.list(document, variables, page, rows)?;
        Ok(answer.unwrap_or(Answer { position: Position::START, rows: Vec::new() }))
    }
}

/// Variables with others beside them.
fn with(mut variables: Value, more: Value) -> Value {
    if let (Value::Object(variables), Value::Object(more)) = (&mut variables, more) {
        variables.extend(more);
    }
    variables
}

fn of_years(question: &YearsQuestion) -> Value {
    let &YearsQuestion { from, to, programme, body, class, as_at: at } = question;
    json!({
        "from": from.map(|year| year.to_string()),
        "to": to.map(|year| year.to_string()),
        "asAt": as_at(at),
        "filter": {
            "programme": programme.map(|code| code.to_string()),
            "body": body.map(|code| code.to_string()),
            "class": class.map(member),
        },
        "first": PAGE,
    })
}

impl Analyses for Server {
    fn bridge(&self, question: &Question, line: Option<&LineKey>) -> Result<BridgeTold, CliError> {
        #[derive(Deserialize)]
        struct Totals {
            told: Option<TotalsNode>,
        }
        let line = json!({ "line": line.map(ToString::to_string) });
        let told: Totals =
            self.ask_part(document::BRIDGE, &with(of_year(question), line.clone()))?;
        let Some(totals) = told.told else {
            let (position, _) = self.codes(question)?;
            return Ok(BridgeTold { position, totals: None, steps: Vec::new() });
        };
        let position = totals.position.0;
        let pinned = Question { as_at: AsAt::Position(position), ..*question };
        let mut steps = Vec::new();
        for (stage, name) in [
            (Stage::Revised, "REVISED"),
            (Stage::Forecast, "FORECAST"),
            (Stage::Outturn, "OUTTURN"),
        ] {
            let more = with(line.clone(), json!({ "stage": name, "first": PAGE }));
            let variables = with(of_year(&pinned), more);
            let told = self.rows(document::BRIDGE_STEPS, variables, |node: StepNode| {
                let position = node.position.0;
                let (before, after) = (maybe(node.before), maybe(node.after));
                let step = Step { position, amount: node.amount.0, before, after };
                Some((stage, step, who(position, node.recorded_at, node.entry)))
            })?;
            steps.extend(told.rows);
        }
        let totals = BridgeTotals {
            struck_by: text(totals.struck_by),
            original: maybe(totals.original),
            effective_later: totals.effective_later.0,
            revised: totals.revised.0,
            forecast: maybe(totals.forecast),
            outturn: totals.outturn.0,
            closed: totals.closed,
        };
        Ok(BridgeTold { position, totals: Some(totals), steps })
    }

    fn diff(&self, question: &Question, since: AsAt) -> Result<Answer<DiffRow>, CliError> {
        let variables = with(of_year(question), json!({ "since": as_at(since) }));
        let mut answer = self.rows(document::DIFF, variables, |node: DiffNode| {
            let status = node.after.as_ref().map(|figures| figures.status.0);
            let after = BudgetRow {
                year: question.year,
                programme: code(node.programme),
                name: node.name,
                body: code(node.body),
                class: member_of(node.class),
                ring_fence: text(node.ring_fence),
                through: text(node.through),
                figures: node.after.as_ref().map(Figures::from),
                status,
                position: Position::START,
            };
            let before = node.before.map(|figures| BudgetRow {
                figures: Some(Figures::from(&figures)),
                status: Some(figures.status.0),
                ..after.clone()
            });
            Some(DiffRow { before, after })
        })?;
        for row in &mut answer.rows {
            row.after.position = answer.position;
        }
        Ok(answer)
    }

    fn diff_entries(
        &self,
        question: &Question,
        since: AsAt,
    ) -> Result<Answer<ChangeRow>, CliError> {
        let variables = with(of_year(question), json!({ "since": as_at(since) }));
        self.rows(document::DIFF_ENTRIES, variables, |node: ChangeNode| {
            let mut measures = Measures::default();
            for (measure, Pounds(pence)) in [
                (Measure::Revised, node.revised),
                (Measure::Committed, node.committed),
                (Measure::Accrued, node.accrued),
                (Measure::Actual, node.actual),
                (Measure::Forecast, node.forecast),
                (Measure::Internal, node.internal_forecast),
            ] {
                measures.add(measure, pence.get());
            }
            let who = who(node.position.0, node.recorded_at, node.entry);
            Some(ChangeRow { who, measures })
        })
    }

    fn reasons(&self, question: &Question, by: ReasonsBy) -> Result<Answer<Reasons>, CliError> {
        let variables = with(of_year(question), json!({ "by": member(by) }));
        self.rows(document::REASONS, variables, |node: ReasonsNode| {
            Some(Reasons {
                programme: code(node.programme),
                body: text(node.body),
                class: member_of(node.class),
                name: node.name,
                underspend: node.underspend.0,
                slippage: node.slippage.0,
                saving: node.saving.0,
                clawback: node.clawback.0,
                diversion: node.diversion.0,
                unknown: node.unknown.0,
                unexplained: node.unexplained.0,
            })
        })
    }

    fn outflows(&self, question: &Question) -> Result<Answer<OutflowRow>, CliError> {
        let variables = of_year(question);
        self.rows(document::OUTFLOWS, variables, |node: OutflowNode| {
            let who = who(node.position.0, node.recorded_at, node.entry);
            let to = node.destinations.into_iter().map(MovedTo::from).collect();
            Some(OutflowRow { who, amount: node.amount.0, to })
        })
    }

    fn persistent(
        &self,
        question: &YearsQuestion,
        direction: Direction,
        running: usize,
    ) -> Result<Answer<Pattern>, CliError> {
        let more = json!({ "direction": member(direction), "running": running });
        let variables = with(of_years(question), more);
        self.rows(document::PERSISTENT, variables, |node: PatternNode| {
            let years = node.years.into_iter().map(|year| Outturn {
                year: year.year.0,
                revised: year.revised.0,
                outturn: year.outturn.0,
            });
            let years = years.collect();
            Some(Pattern { programme: code(node.programme)?, name: node.name, years })
        })
    }

    fn accuracy(
        &self,
        question: &YearsQuestion,
        month: Option<Month>,
    ) -> Result<Answer<Accuracy>, CliError> {
        let more = json!({ "month": month.map(|month| month.to_string()) });
        let variables = with(of_years(question), more);
        self.rows(document::ACCURACY, variables, |node: AccuracyNode| {
            Some(Accuracy {
                year: node.year.0,
                programme: code(node.programme)?,
                name: node.name,
                month: node.month.0,
                forecast: node.forecast.0,
                outturn: node.outturn.0,
                unforecast: node.unforecast.0,
            })
        })
    }

    fn revisions(
        &self,
        question: &Question,
        statements: &Statements,
    ) -> Result<Answer<(Revision, Who)>, CliError> {
        let more = json!({
            "series": member(statements.series),
            "fromMonth": statements.from_month.map(|month| month.to_string()),
            "since": statements.since.map(as_at),
        });
        let variables = with(of_year(question), more);
        self.rows(document::REVISIONS, variables, |node: RevisionNode| {
            let position = node.position.0;
            let revision = Revision {
                position,
                line: node.line.0,
                month: node.month.0,
                before: maybe(node.before),
                after: node.after.0,
            };
            Some((revision, who(position, node.recorded_at, node.entry)))
        })
    }

    fn at_risk(&self, question: &Question) -> Result<Answer<AtRiskRow>, CliError> {
        let variables = of_year(question);
        self.rows(document::AT_RISK, variables, |node: AtRiskNode| {
            Some(AtRiskRow {
                line: node.line.0,
                reference: node.reference.0,
                made: node.made.0,
                open: node.open.0,
                who: who(node.made_by.0, node.recorded_at, node.entry),
            })
        })
    }
}
