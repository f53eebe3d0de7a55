//! Flows of the book in a data folder.

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::ProgrammeCode;
use projections::flows::{Flow, FlowQuery, Margin, PathStep};
use projections::scope::Within;
use projections::switches::Switch;
use projections::{AsAt, QueryError};

use super::{ExchangedRow, FlowQuestion, FlowRow, FlowSource, MarginRow, OriginRow, SwitchRow};
use crate::cli::exit::CliError;
use crate::cli::source::answer::Answer;
use crate::cli::source::folder::Folder;
use crate::cli::source::seen::note_partial;

fn row(flow: Flow, distance: Option<usize>) -> FlowRow {
    FlowRow {
        distance,
        from: flow.from.into(),
        to: flow.to.into(),
        pence: flow.pence,
        by_rule: flow.by_rule,
        unattributed: flow.is_unattributed(),
    }
}

impl Folder {
    fn ask_flows<T>(
        &self,
        question: &FlowQuestion,
        answer: impl FnOnce(&Within<'_>, &FlowQuery) -> Result<Vec<T>, QueryError>,
    ) -> Result<Answer<T>, CliError> {
        let &FlowQuestion { of, by, level } = question;
        self.ask(&of, |within, lines| {
            let query = FlowQuery {
                year: lines.year,
                by,
                level: level.map(|level| usize::try_from(level).unwrap_or(usize::MAX)),
                programme: lines.programme,
                body: lines.body,
                class: lines.class,
                moment: lines.moment,
                through: lines.through,
            };
            answer(within, &query)
        })
    }
}

impl FlowSource for Folder {
    fn flows(&self, question: &FlowQuestion) -> Result<Answer<FlowRow>, CliError> {
        self.ask_flows(question, |within, query| {
            Ok(within.flows(query)?.flows.into_iter().map(|flow| row(flow, None)).collect())
        })
    }

    fn flow_margins(&self, question: &FlowQuestion) -> Result<Answer<MarginRow>, CliError> {
        let row = |Margin { party, totals }| {
            let party = projections::flows::InYear::asked(party).into();
            MarginRow { party, totals }
        };
        self.ask_flows(question, |within, query| {
            Ok(within.flows(query)?.margins.into_iter().map(row).collect())
        })
    }

    fn origins(&self, question: &FlowQuestion) -> Result<Answer<OriginRow>, CliError> {
        self.ask_flows(question, |within, query| {
            Ok(within.origins(query)?.shares.into_iter().map(OriginRow::from).collect())
        })
    }

    fn flow_path(
        &self,
        question: &FlowQuestion,
        programme: ProgrammeCode,
    ) -> Result<Answer<FlowRow>, CliError> {
        let step = |PathStep { distance, flow }| row(flow, Some(distance));
        self.ask_flows(question, |within, query| {
            Ok(within.flow_path(query, programme)?.into_iter().map(step).collect())
        })
    }

    fn exchanges(
        &self,
        year: FinancialYear,
        as_at: AsAt,
    ) -> Result<Answer<ExchangedRow>, CliError> {
        self.list(as_at, |models, scope, at| {
            let told = models.within(scope).exchanges(year, at);
            let all = ExchangedRow {
                programme: None,
                deferred: told.deferred,
                arrived: told.arrived,
                elsewhere: Some(told.elsewhere),
                waiting: Some(told.waiting()),
            };
            told.programmes.into_iter().map(ExchangedRow::from).chain([all]).collect()
        })
    }

    fn switches(&self, year: FinancialYear, as_at: AsAt) -> Result<Answer<SwitchRow>, CliError> {
        let look = self.look()?;
        let models = look.models();
        let position = models.moment(as_at)?.position;
        let scope = self.scope(models);
        note_partial(!scope.is_everything());
        let row = |switch: Switch| {
            let authority = look.entry(switch.position)?.and_then(|entry| entry.authority);
            let authority = authority.map(|authority| authority.to_string());
            Ok(SwitchRow {
                entry: switch.position,
                pence: switch.pence,
                used: switch.used,
                cap: switch.cap,
                authority,
                policy: switch.policy,
                reversed_by: switch.reversed_by,
            })
        };
        let switches = models.within(&scope).capital_for_revenue(year, position).into_iter();
        Ok(Answer { position, rows: switches.map(row).collect::<Result<_, CliError>>()? })
    }
}
