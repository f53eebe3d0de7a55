//! A running server as a source: what it is asked goes over GraphQL, as any client's questions do.

mod analyses;
mod analysis;
pub(super) mod asking;
mod claim;
pub(in crate::cli) mod client;
pub(super) mod document;
pub(in crate::cli) mod follow;
pub(super) mod node;
mod posting;
mod sign_off;
mod supposing;
pub(super) mod wire;

use std::cell::Cell;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::ActorId;
use projections::AsAt;
use projections::budget::{BudgetRow, Restated, Rollup};
use projections::monthly::MonthFigures;
use projections::sign_off_times::By;
use projections::year::Adjustment;
use serde::Deserialize;
use serde_json::json;

use super::Source;
use super::answer::{
    Answer, Behind, BodyRow, Change, DelegationRow, FundRow, PolicyRow, Posted, Previewed,
    ProgrammeRow, ProposalRow, SignOffTimeRow, Supposed, SystemRow, Underspend,
};
use super::question::{EntryQuestion, Question};
use crate::cli::exit::CliError;
use asking::{entry_filter, of_year};
use client::Client;
use node::{
    AdjustmentNode, BodyNode, BudgetNode, ContributionNode, EntryNode, FundNode, MonthNode, OfYear,
    Planned, ProgrammeNode, RestatedNode, Rows, UnderspendNode,
};
use posting::ChangeNode;
use sign_off::{
    DelegationNode, PolicyNode, ProposalNode, SignOffTimeNode, SignOffTimes, SystemNode,
    SystemsNode,
};
use supposing::Supposition;
use wire::{Text, as_at};

/// How many rows are asked for at a time: as many as a server gives.
pub(super) const PAGE: usize = 500;

/// A running server.
pub(in crate::cli) struct Server {
    client: Client,
    /// Whether it has been said that answers are of a part of the book.
    noted: Cell<bool>,
    /// What is supposed to have been posted.
    supposition: Option<Supposition>,
}

/// The book that is served, and where it ends.
#[derive(Deserialize)]
pub(super) struct Ledger {
    book: String,
    head: Text<Position>,
}

/// Which moment was meant.
#[derive(Deserialize)]
struct Moment {
    position: Text<Position>,
}

impl Server {
    pub(in crate::cli) const fn new(client: Client) -> Self {
        Server { client, noted: Cell::new(false), supposition: None }
    }
}

impl Source for Server {
    fn budget(&self, question: &Question) -> Result<Answer<BudgetRow>, CliError> {
        let page =
            |told: OfYear<Planned<Rows<BudgetNode>>>| told.year.map(|year| year.planned.rows);
        let rows = |node: BudgetNode| vec![BudgetRow::from(node)];
        if let Some(answer) = self.list(document::BUDGET, of_year(question), page, rows)? {
            return Ok(answer);
        }
        let (position, name) = self.codes(question)?;
        // A programme that has no line in the year has a row in which nothing is known.
        let asked = question.programme.filter(|_| question.rollup == Some(Rollup::Programme));
        let row = |programme| BudgetRow {
            year: question.year,
            programme: Some(programme),
            name,
            body: question.body,
            class: question.class,
            ring_fence: None,
            through: None,
            figures: None,
            status: None,
            position,
        };
        Ok(Answer { position, rows: asked.map(row).into_iter().collect() })
    }

    fn behind(&self, question: &Question) -> Result<Answer<Behind>, CliError> {
        self.of_year::<ContributionNode, _>(document::BEHIND, question)
    }

    fn underspends(&self, question: &Question) -> Result<Answer<Underspend>, CliError> {
        self.of_year::<UnderspendNode, _>(document::UNDERSPENDS, question)
    }

    fn adjustments(&self, question: &Question) -> Result<Answer<Adjustment>, CliError> {
        self.of_year::<AdjustmentNode, _>(document::ADJUSTMENTS, question)
    }

    fn restated(&self, question: &Question) -> Result<Answer<Restated>, CliError> {
        #[derive(Deserialize)]
        struct Year {
            position: Text<Position>,
            restated: Vec<RestatedNode>,
        }
        let told: OfYear<Year> = self.ask_part(document::RESTATED, &of_year(question))?;
        let Some(year) = told.year else {
            return Ok(Answer { position: self.codes(question)?.0, rows: Vec::new() });
        };
        let rows = year.restated.into_iter().map(Restated::from).collect();
        Ok(Answer { position: year.position.0, rows })
    }

    fn months(
        &self,
        line: &LineKey,
        moment: AsAt,
    ) -> Result<Option<Answer<MonthFigures>>, CliError> {
        #[derive(Deserialize)]
        struct Line {
            position: Text<Position>,
            months: Vec<MonthNode>,
        }
        #[derive(Deserialize)]
        struct Told {
            line: Option<Line>,
        }
        let variables = json!({ "line": line.to_string(), "asAt": as_at(moment) });
        let told: Told = self.ask(document::MONTHS, &variables)?;
        Ok(told.line.map(|line| Answer {
            position: line.position.0,
            rows: line.months.into_iter().map(MonthFigures::from).collect(),
        }))
    }

    fn funds(&self, moment: AsAt) -> Result<Answer<FundRow>, CliError> {
        self.register(document::FUNDS, moment, FundNode::rows)
    }

    fn programmes(&self, moment: AsAt) -> Result<Answer<ProgrammeRow>, CliError> {
        let rows = |node: ProgrammeNode| vec![ProgrammeRow::from(node)];
        self.register(document::PROGRAMMES, moment, rows)
    }

    fn bodies(&self, moment: AsAt) -> Result<Answer<BodyRow>, CliError> {
        self.register(document::BODIES, moment, |node: BodyNode| vec![BodyRow::from(node)])
    }

    fn proposals(&self, moment: AsAt) -> Result<Answer<ProposalRow>, CliError> {
        let rows = |node: ProposalNode| vec![ProposalRow::from(node)];
        self.register(document::PROPOSALS, moment, rows)
    }

    fn if_all_were_posted(&self, moment: AsAt) -> Result<Answer<Change>, CliError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Told {
            moment: Moment,
            if_all_were_posted: Vec<ChangeNode>,
        }
        let told: Told =
            self.ask_part(document::IF_ALL_WERE_POSTED, &json!({ "asAt": as_at(moment) }))?;
        let rows = told.if_all_were_posted.into_iter().map(Change::from).collect();
        Ok(Answer { position: told.moment.position.0, rows })
    }

    fn sign_off_times(&self, by: By, moment: AsAt) -> Result<Answer<SignOffTimeRow>, CliError> {
        #[derive(Deserialize)]
        struct Told {
            times: SignOffTimes,
        }
        let page = |told: Told| Some(told.times.rows);
        let variables = json!({ "by": sign_off::by(by), "asAt": as_at(moment), "first": PAGE });
        let rows = |node: SignOffTimeNode| vec![SignOffTimeRow::from(node)];
        let answer = self.list(document::SIGN_OFF_TIMES, variables, page, rows)?;
        Ok(answer.unwrap_or(Answer { position: Position::START, rows: Vec::new() }))
    }

    fn systems(&self, year: FinancialYear, moment: AsAt) -> Result<Answer<SystemRow>, CliError> {
        #[derive(Deserialize)]
        struct Told {
            systems: SystemsNode,
        }
        let variables = json!({ "year": year.to_string(), "asAt": as_at(moment) });
        let Told { systems } = self.ask(document::SYSTEMS, &variables)?;
        self.note_partial(systems.partial);
        let rows = systems.rows.into_iter().flat_map(SystemNode::rows).collect();
        Ok(Answer { position: systems.position.0, rows })
    }

    fn delegations(&self, moment: AsAt) -> Result<Answer<DelegationRow>, CliError> {
        #[derive(Deserialize)]
        struct Told {
            moment: Moment,
            delegations: Vec<DelegationNode>,
        }
        let told: Told = self.ask(document::DELEGATIONS, &json!({ "asAt": as_at(moment) }))?;
        let rows = told.delegations.into_iter().map(DelegationRow::from).collect();
        Ok(Answer { position: told.moment.position.0, rows })
    }

    fn policy(&self, moment: AsAt) -> Result<Answer<PolicyRow>, CliError> {
        #[derive(Deserialize)]
        struct Told {
            moment: Moment,
            policy: Option<PolicyNode>,
        }
        let told: Told = self.ask(document::POLICY, &json!({ "asAt": as_at(moment) }))?;
        let rows = told.policy.into_iter().map(PolicyRow::from).collect();
        Ok(Answer { position: told.moment.position.0, rows })
    }

    fn head(&self) -> Result<Position, CliError> {
        Ok(self.ledger()?.head.0)
    }

    fn entry(&self, position: Position) -> Result<Option<Vec<u8>>, CliError> {
        #[derive(Deserialize)]
        struct Told {
            entry: Option<EntryNode>,
        }
        self.supposes_nothing()?;
        let variables = json!({ "position": position.to_string() });
        let told: Told = self.ask(document::ENTRY, &variables)?;
        Ok(told.entry.map(|entry| entry.canonical.into_bytes()))
    }

    fn entries(
        &self,
        question: &EntryQuestion,
        visit: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Position, CliError> {
        self.supposes_nothing()?;
        let before = question.from.get().saturating_sub(1);
        let variables = json!({
            "asAt": as_at(question.as_at),
            "since": as_at(AsAt::Position(Position::new(before))),
            "filter": entry_filter(&question.filter),
            "first": PAGE,
        });
        let page = |told: Rows<EntryNode>| Some(told.rows);
        let last = self.pages(document::ENTRIES, variables, page, &mut |node| {
            Ok(visit(node.canonical.as_bytes()))
        })?;
        Ok(last.unwrap_or(Position::START))
    }

    fn post(
        &self,
        actor: Option<&ActorId>,
        postings: Vec<Posting>,
        told: &mut dyn FnMut(Result<Posted, CliError>) -> Result<(), CliError>,
    ) -> Result<Position, CliError> {
        self.post_each(actor, postings, told)
    }

    fn what_if(&self, as_at: AsAt, postings: Vec<Posting>) -> Result<Supposed, CliError> {
        self.suppose(as_at, &postings)
    }

    fn preview(
        &self,
        actor: Option<&ActorId>,
        postings: Vec<Posting>,
    ) -> Result<(Position, Vec<Result<Previewed, CliError>>), CliError> {
        self.preview_all(actor, &postings)
    }
}
