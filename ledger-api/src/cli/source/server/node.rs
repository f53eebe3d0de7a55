//! What the schema tells, as far as it is asked for, and what it stands for here.

use chrono::NaiveDate;
use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode, RingFence};
use ledger_core::domain::event::{BodyKind, UnderspendCause};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::position::Position;
use projections::budget::{BudgetRow, Restated};
use projections::figures::{Figures, Status, VarianceBasis};
use projections::funds::FundBalance;
use projections::measure::Measure;
use projections::monthly::MonthFigures;
use projections::register::ProgrammeStatus;
use projections::year::{Adjustment, Contribution};
use serde::Deserialize;

use super::wire::{Member, Pounds, Text};
use crate::cli::source::answer::{
    Behind, BodyRow, FundRow, ProgrammeRow, Underspend, UnderspendReason,
};

/// A page of a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound = "N: Deserialize<'de>")]
pub(in crate::cli::source) struct Page<N> {
    pub(super) position: Text<Position>,
    pub(super) page_info: PageInfo,
    pub(super) edges: Vec<Edge<N>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli::source) struct PageInfo {
    pub(super) has_next_page: bool,
    pub(super) end_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(bound = "N: Deserialize<'de>")]
pub(in crate::cli::source) struct Edge<N> {
    pub(super) node: N,
}

/// An answer that is one list.
#[derive(Deserialize)]
#[serde(bound = "N: Deserialize<'de>")]
pub(super) struct Rows<N> {
    pub(super) rows: Page<N>,
}

/// An answer about a year; none where it has no budget line.
#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
pub(super) struct OfYear<T> {
    pub(super) year: Option<T>,
}

/// A year's planned versus actual.
#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
pub(super) struct Planned<T> {
    pub(super) planned: T,
}

/// Something of which only the code is asked for.
#[derive(Deserialize)]
#[serde(bound = "Text<C>: Deserialize<'de>")]
pub(super) struct Coded<C> {
    pub(super) code: Text<C>,
}

pub(super) fn code<C>(coded: Option<Coded<C>>) -> Option<C> {
    coded.map(|Coded { code: Text(code) }| code)
}

pub(super) fn text<T>(text: Option<Text<T>>) -> Option<T> {
    text.map(|Text(value)| value)
}

pub(super) fn member<T>(member: Option<Member<T>>) -> Option<T> {
    member.map(|Member(value)| value)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FiguresNode {
    original: Option<Pounds>,
    revised: Pounds,
    plan_to_date: Pounds,
    committed: Pounds,
    accrued: Pounds,
    actual: Pounds,
    forecast: Option<Pounds>,
    internal_forecast: Option<Pounds>,
    variance_basis: Member<VarianceBasis>,
    closed: bool,
    inferred: bool,
    pub(super) status: Member<Status>,
}

impl From<&FiguresNode> for Figures {
    fn from(node: &FiguresNode) -> Self {
        let maybe = |pounds: &Option<Pounds>| pounds.as_ref().map(|Pounds(pence)| *pence);
        Figures {
            original: maybe(&node.original),
            revised: node.revised.0,
            plan_to_date: node.plan_to_date.0,
            committed: node.committed.0,
            accrued: node.accrued.0,
            actual: node.actual.0,
            forecast: maybe(&node.forecast),
            internal_forecast: maybe(&node.internal_forecast),
            closed: node.closed,
            wholly_forecast: node.variance_basis.0 == VarianceBasis::Forecast,
            inferred: node.inferred,
        }
    }
}

/// A row of planned versus actual.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BudgetNode {
    year: Text<FinancialYear>,
    programme: Option<Coded<ProgrammeCode>>,
    name: Option<String>,
    body: Option<Coded<BodyCode>>,
    class: Option<Member<BudgetClass>>,
    ring_fence: Option<Text<RingFence>>,
    through: Option<Text<Month>>,
    figures: Option<FiguresNode>,
    position: Text<Position>,
}

impl From<BudgetNode> for BudgetRow {
    fn from(node: BudgetNode) -> Self {
        BudgetRow {
            year: node.year.0,
            programme: code(node.programme),
            name: node.name,
            body: code(node.body),
            class: member(node.class),
            ring_fence: text(node.ring_fence),
            through: text(node.through),
            figures: node.figures.as_ref().map(Figures::from),
            status: node.figures.map(|figures| figures.status.0),
            position: node.position.0,
        }
    }
}

/// A figure that entries add to, as the schema names it.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum MeasureName {
    Revised,
    Committed,
    Accrued,
    Actual,
    Forecast,
    InternalForecast,
}

impl From<MeasureName> for Measure {
    fn from(name: MeasureName) -> Self {
        match name {
            MeasureName::Revised => Measure::Revised,
            MeasureName::Committed => Measure::Committed,
            MeasureName::Accrued => Measure::Accrued,
            MeasureName::Actual => Measure::Actual,
            MeasureName::Forecast => Measure::Forecast,
            MeasureName::InternalForecast => Measure::Internal,
        }
    }
}

/// An entry's part in a figure.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContributionNode {
    position: Text<Position>,
    recorded_at: Option<Text<Timestamp>>,
    line: Text<LineKey>,
    month: Text<Month>,
    measure: MeasureName,
    amount: Pounds,
}

impl From<ContributionNode> for Behind {
    fn from(node: ContributionNode) -> Self {
        let contribution = Contribution {
            position: node.position.0,
            line: node.line.0,
            month: node.month.0,
            measure: node.measure.into(),
            pence: node.amount.0,
        };
        Behind { contribution, recorded: text(node.recorded_at) }
    }
}

/// A line's underspend.
#[derive(Deserialize)]
pub(super) struct UnderspendNode {
    line: Text<LineKey>,
    amount: Pounds,
    reasons: Vec<ReasonNode>,
    unexplained: Pounds,
}

#[derive(Deserialize)]
struct ReasonNode {
    cause: Member<UnderspendCause>,
    amount: Pounds,
    position: Text<Position>,
}

impl From<UnderspendNode> for Underspend {
    fn from(node: UnderspendNode) -> Self {
        let reasons = node.reasons.into_iter().map(|reason| UnderspendReason {
            cause: reason.cause.0,
            pence: reason.amount.0,
            position: reason.position.0,
        });
        Underspend {
            line: node.line.0,
            underspend: node.amount.0,
            reasons: reasons.collect(),
            unexplained: node.unexplained.0,
        }
    }
}

/// A prior-period adjustment.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AdjustmentNode {
    position: Text<Position>,
    posted_on: Text<LineKey>,
    measure: MeasureName,
    amount: Pounds,
}

impl From<AdjustmentNode> for Adjustment {
    fn from(node: AdjustmentNode) -> Self {
        Adjustment {
            position: node.position.0,
            posted_on: node.posted_on.0,
            measure: node.measure.into(),
            pence: node.amount.0,
        }
    }
}

/// A figure of a year, as it was posted and restated.
#[derive(Deserialize)]
pub(super) struct RestatedNode {
    measure: MeasureName,
    posted: Pounds,
    adjusted: Pounds,
}

impl From<RestatedNode> for Restated {
    fn from(RestatedNode { measure, posted, adjusted }: RestatedNode) -> Self {
        Restated { measure: measure.into(), posted: posted.0, adjusted: adjusted.0 }
    }
}

/// A line's figures in one month.
#[derive(Deserialize)]
pub(super) struct MonthNode {
    month: Text<Month>,
    plan: Pounds,
    actual: Pounds,
    forecast: Option<Pounds>,
}

impl From<MonthNode> for MonthFigures {
    fn from(node: MonthNode) -> Self {
        MonthFigures {
            month: node.month.0,
            plan: node.plan.0,
            actual: node.actual.0,
            forecast: node.forecast.map(|Pounds(pence)| pence),
        }
    }
}

/// A fund.
#[derive(Deserialize)]
pub(super) struct FundNode {
    code: Text<FundCode>,
    name: String,
    parent: Option<Coded<FundCode>>,
    balances: Vec<BalanceNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BalanceNode {
    class: Member<BudgetClass>,
    new_money: Pounds,
    reannounced: Pounds,
    earmarked: Pounds,
    allocated: Pounds,
}

impl FundNode {
    pub(super) fn rows(self) -> Vec<FundRow> {
        let parent = code(self.parent);
        let mut balances: Vec<_> = self.balances.into_iter().map(Some).collect();
        if balances.is_empty() {
            balances.push(None);
        }
        let balances = balances.into_iter().map(|balance| FundRow {
            code: self.code.0,
            name: self.name.clone(),
            parent,
            balance: balance.map(|node| {
                let balance = FundBalance {
                    new_money: node.new_money.0,
                    reannounced: node.reannounced.0,
                    earmarked: node.earmarked.0,
                    allocated: node.allocated.0,
                };
                (node.class.0, balance)
            }),
        });
        balances.collect()
    }
}

/// A programme.
#[derive(Deserialize)]
pub(super) struct ProgrammeNode {
    code: Text<ProgrammeCode>,
    name: String,
    parent: Option<Coded<ProgrammeCode>>,
    status: Member<ProgrammeStatus>,
}

impl From<ProgrammeNode> for ProgrammeRow {
    fn from(node: ProgrammeNode) -> Self {
        ProgrammeRow {
            code: node.code.0,
            name: Some(node.name),
            parent: code(node.parent),
            status: Some(node.status.0),
        }
    }
}

/// An organisation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BodyNode {
    code: Text<BodyCode>,
    name: String,
    kind: Member<BodyKind>,
    parent: Option<Coded<BodyCode>>,
    opened_on: Option<NaiveDate>,
    closed_on: Option<NaiveDate>,
    successor: Option<Coded<BodyCode>>,
}

impl From<BodyNode> for BodyRow {
    fn from(node: BodyNode) -> Self {
        BodyRow {
            code: node.code.0,
            name: node.name,
            kind: node.kind.0,
            parent: code(node.parent),
            opened_on: node.opened_on,
            closed_on: node.closed_on,
            successor: code(node.successor),
        }
    }
}

/// An entry as it is stored.
#[derive(Deserialize)]
pub(super) struct EntryNode {
    pub(super) canonical: String,
}
