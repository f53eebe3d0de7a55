//! A case: the given postings, the command, and the expected result.
//!
//! The expected result is a list of statements, one text each:
//!
//! - `refused CODE: message`, the whole message; the code alone where another case has the message
//! - `warns CODE: message`; every warning of the outcome must be stated
//! - `WIFI/RA/2017-18/revenue revised 10.00 available 4.00`: figures of a line, `none` if absent
//! - `F/revenue unallocated 10.00`: a figure of a fund
//! - `programme WIFI closed`, `body RA closed 2018-03-31 successor RB`, `period 2017-18 M7 soft`
//! - `event {...}`: an event of the entry, by its stored form
//! - `waits for icb QX, then region Y56`: the entry is, or is about, a proposal that waits for them
//! - `proposal 12 posted`: the status of a proposal
//! - `regime 2017-18 QX systemDeficit`

use ledger_core::domain::calendar::Month;
use ledger_core::domain::command::Command;
use ledger_core::domain::event::{Event, ProposalEvent};
use ledger_core::domain::ledger::{ProgrammeStatus, ProposalStatus};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::Pot;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::position::Position;
use ledger_core::domain::sign_off::Step;
use ledger_core::writer::{Outcome, Refusal};
use ledger_tests::generate::parsed;
use projections::AsAt;
use projections::scope::Scope;

use crate::book::{Book, Closed, NOW, posting_of};

/// A case of a rule.
#[derive(Clone)]
pub(crate) struct Case {
    rule: &'static str,
    policy: fn(&mut Policy),
    now: &'static str,
    given: Vec<String>,
    when: String,
    then: Vec<&'static str>,
}

/// A case of this rule, on the small book under the default policy.
pub(crate) fn case(rule: &'static str) -> Case {
    Case { rule, policy: |_| (), now: NOW, given: vec![], when: String::new(), then: vec![] }
}

impl Case {
    /// Changes the policy's limits or severities.
    pub(crate) fn policy(self, policy: fn(&mut Policy)) -> Self {
        Case { policy, ..self }
    }

    /// Sets the time of the postings.
    pub(crate) fn now(self, now: &'static str) -> Self {
        Case { now, ..self }
    }

    /// Adds a given posting.
    pub(crate) fn given(mut self, posting: impl Into<String>) -> Self {
        self.given.push(posting.into());
        self
    }

    /// Sets the command.
    pub(crate) fn when(self, posting: impl Into<String>) -> Self {
        Case { when: posting.into(), ..self }
    }

    /// Adds an expected statement.
    pub(crate) fn then(mut self, statement: &'static str) -> Self {
        self.then.push(statement);
        self
    }

    /// The book with all given postings.
    fn book(&self) -> Result<Book, String> {
        let mut book = Book::open(self.policy, self.now);
        self.given.iter().try_for_each(|posting| book.given(posting))?;
        Ok(book)
    }

    /// The rule.
    pub(crate) const fn rule(&self) -> &'static str {
        self.rule
    }

    /// The command.
    pub(crate) fn command(&self) -> Command {
        posting_of(&self.when, 0).command
    }

    /// The writer's outcome of the command.
    pub(crate) fn outcome(&self) -> Outcome {
        self.book().expect("a case").post(&self.when)
    }
}

/// Runs cases and lists every one that fails.
pub(crate) fn check(cases: &[Case]) {
    let failed: Vec<String> = cases.iter().filter_map(|case| run(case).err()).collect();
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

fn run(case: &Case) -> Result<(), String> {
    let mut book = case.book().map_err(|given| format!("{}\n{given}", case.rule))?;
    let before = book.head();
    let outcome = book.post(&case.when);
    let mut came = said_of(&outcome);
    if let Ok(receipt) = &outcome {
        let events = book.events(receipt.position);
        came.extend(waits(&events));
        let events = events.iter().map(|event| serde_json::to_string(event).expect("JSON"));
        came.extend(events.map(|event| format!("event {event}")));
    } else if book.head() != before {
        came.push("an entry although it was refused".to_owned());
    }
    let book = book.close();
    let mut wrong = audit(&book);
    let mut stated: Vec<String> = Vec::new();
    for statement in &case.then {
        let actual = match statement.split_once(' ') {
            Some(("refused" | "warns" | "event" | "waits", _)) => {
                let found =
                    came.iter().find(|came| came == statement || code_of(came) == *statement);
                found.map(|_| (*statement).to_owned()).unwrap_or_else(|| came.join("; "))
            }
            Some(_) => state_of(&book, statement),
            None => "no statement".to_owned(),
        };
        if actual != *statement {
            wrong.push(format!("  stated: {statement}\n    came: {actual}"));
        }
        stated.push((*statement).to_owned());
    }
    for came in came.iter().filter(|came| !came.starts_with("event")) {
        if !stated.iter().any(|stated| stated == came || *stated == code_of(came)) {
            wrong.push(format!("  not stated: {came}"));
        }
    }
    if case.then.is_empty() {
        wrong.push("  nothing is stated".to_owned());
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}\n{}", case.rule, wrong.join("\n"))) }
}

fn said_of(outcome: &Outcome) -> Vec<String> {
    match outcome {
        Ok(receipt) => {
            let warnings = receipt.warnings.iter();
            warnings.map(|warning| format!("warns {}: {warning}", warning.code())).collect()
        }
        Err(Refusal::Rejected(rejection)) => {
            vec![format!("refused {}: {rejection}", rejection.code())]
        }
        Err(other) => vec![format!("failed {other}")],
    }
}

/// The approvers that a submitted proposal among these events waits for.
fn waits(events: &[Event]) -> Option<String> {
    events.iter().find_map(|event| {
        let Event::Proposal(ProposalEvent::Submitted(submitted)) = event else { return None };
        let step = |step: &Step| format!("{} {}", step.tier, step.body);
        let steps: Vec<String> = submitted.steps.iter().map(step).collect();
        Some(format!("waits for {}", steps.join(", then ")))
    })
}

/// The code of a refusal or warning.
fn code_of(said: &str) -> &str {
    said.split_once(':').map_or(said, |(code, _)| code)
}

/// Checks of every case: money is conserved, and the read models agree with the state.
fn audit(book: &Closed) -> Vec<String> {
    let ledger = &book.state.ledger;
    let mut wrong = Vec::new();
    if !Pence::sum(ledger.conservation()).is_zero() {
        wrong.push(format!("  money is not conserved: {:?}", ledger.conservation()));
    }
    let moment = book.models.moment(AsAt::Now).expect("now");
    for key in ledger.line_keys() {
        let line = ledger.line(&key).expect("an open line");
        let figures =
            book.models.within(Scope::everything()).line(&key, moment, None).unwrap_or_default();
        let held = [line.revised, line.committed, line.accrued, line.actual];
        let read = [figures.revised, figures.committed, figures.accrued, figures.actual];
        if held != read {
            wrong.push(format!("  {key}: the state has {held:?}, the read models {read:?}"));
        }
    }
    wrong
}

/// The statement as the book's present state makes it.
fn state_of(book: &Closed, statement: &str) -> String {
    let words: Vec<&str> = statement.split(' ').collect();
    match words[0] {
        "programme" => programme(book, words[1]),
        "body" => body(book, words[1]),
        "period" => period(book, words[1], words[2]),
        "proposal" => proposal(book, words[1]),
        "regime" => regime(book, words[1], words[2]),
        account => {
            let mut text = account.to_owned();
            for name in words[1..].iter().step_by(2) {
                let figure = figure(book, account, name);
                let figure = figure.map_or("none".to_owned(), |figure| figure.to_string());
                text.push_str(&format!(" {name} {figure}"));
            }
            text
        }
    }
}

fn programme(book: &Closed, code: &str) -> String {
    let status = book.state.ledger.programme(parsed(code)).map(|programme| programme.status);
    let status = match status {
        None => "unknown",
        Some(ProgrammeStatus::Open) => "open",
        Some(ProgrammeStatus::Closing(_)) => "closing",
        Some(ProgrammeStatus::Closed) => "closed",
    };
    format!("programme {code} {status}")
}

fn body(book: &Closed, code: &str) -> String {
    let Some(body) = book.state.ledger.body(parsed(code)) else {
        return format!("body {code} unknown");
    };
    let mut text = format!("body {code}");
    match body.closed_on {
        Some(on) => text.push_str(&format!(" closed {on}")),
        None => text.push_str(" open"),
    }
    if let Some(successor) = body.successor {
        text.push_str(&format!(" successor {successor}"));
    }
    text
}

fn period(book: &Closed, year: &str, month: &str) -> String {
    let close = book.state.ledger.close(parsed(year), parsed(month));
    let close = close.map_or("open".to_owned(), |close| format!("{close:?}").to_lowercase());
    format!("period {year} {month} {close}")
}

fn proposal(book: &Closed, id: &str) -> String {
    let found = book.state.ledger.proposal(Position::new(id.parse().expect("a number")));
    let status = match found.map(|found| found.status) {
        None => "unknown",
        Some(ProposalStatus::Draft) => "draft",
        Some(ProposalStatus::Submitted) => "submitted",
        Some(ProposalStatus::Posted(_)) => "posted",
        Some(ProposalStatus::Rejected) => "rejected",
        Some(ProposalStatus::Withdrawn) => "withdrawn",
    };
    format!("proposal {id} {status}")
}

fn regime(book: &Closed, year: &str, system: &str) -> String {
    let regime = book.state.ledger.standing(parsed(system), parsed(year)).regime;
    let regime = serde_json::to_value(regime).expect("JSON");
    format!("regime {year} {system} {}", regime.as_str().expect("text"))
}

fn figure(book: &Closed, account: &str, name: &str) -> Option<Pence> {
    let ledger = &book.state.ledger;
    if account.split('/').count() == 2 {
        let pot: Pot = parsed(account);
        return (name == "unallocated").then(|| ledger.unallocated(pot));
    }
    let key: LineKey = parsed(account);
    let moment = book.models.moment(AsAt::Now).expect("now");
    let figures = book.models.within(Scope::everything()).line(&key, moment, None)?;
    let through =
        |month: Month| book.models.within(Scope::everything()).line(&key, moment, Some(month));
    match name {
        "original" => figures.original,
        "revised" => Some(figures.revised),
        "committed" => Some(figures.committed),
        "accrued" => Some(figures.accrued),
        "actual" => Some(figures.actual),
        "available" => ledger.line(&key).map(|line| line.available()),
        "forecast" => figures.forecast.known,
        "internal" => figures.internal_forecast.known,
        "planned-to-M1" => through(Month::M1).map(|figures| figures.plan_to_date),
        "revised-to-M6" => through(parsed("M6")).map(|figures| figures.revised),
        "actual-to-M6" => through(parsed("M6")).map(|figures| figures.actual),
        other => panic!("{other} is not a figure"),
    }
}
