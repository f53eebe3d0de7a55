//! A book that holds every kind of payload, posted on a fixed clock.

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::event::{DelegationEvent, Event, ProposalEvent};
use ledger_core::domain::policy::Policy;
use ledger_core::domain::posting::Posting;
use ledger_tests::generate::parsed;
use serde_json::{Value, json};

use crate::live_book::LiveBook;
use crate::stream::{GENERATOR, TimedPosting};

/// The name of an event's kind in an entry. A new kind does not compile until it is added here; it
/// also needs an entry in the fixture.
pub(crate) const fn kind(event: &Event) -> &'static str {
    match event {
        Event::BookOpened(_) => "bookOpened",
        Event::BodyRegistered(_) => "bodyRegistered",
        Event::BodyClosed(_) => "bodyClosed",
        Event::BodiesMerged(_) => "bodiesMerged",
        Event::ProgrammeOpened(_) => "programmeOpened",
        Event::ProgrammeRenamed(_) => "programmeRenamed",
        Event::ProgrammeClosed(_) => "programmeClosed",
        Event::ProgrammeCancelled(_) => "programmeCancelled",
        Event::ProgrammeReinstated(_) => "programmeReinstated",
        Event::FundEstablished(_) => "fundEstablished",
        Event::FundingSettled(_) => "fundingSettled",
        Event::Earmarked(_) => "earmarked",
        Event::FundCancelled(_) => "fundCancelled",
        Event::Allocated(_) => "allocated",
        Event::Cut(_) => "cut",
        Event::Reallocated(_) => "reallocated",
        Event::Withdrawn(_) => "withdrawn",
        Event::LineSplit(_) => "lineSplit",
        Event::BudgetExchanged(_) => "budgetExchanged",
        Event::Committed(_) => "committed",
        Event::CommitmentReleased(_) => "commitmentReleased",
        Event::Accrued(_) => "accrued",
        Event::AccrualReleased(_) => "accrualReleased",
        Event::ActualRecorded(_) => "actualRecorded",
        Event::ForecastRevised(_) => "forecastRevised",
        Event::ForecastWithdrawn(_) => "forecastWithdrawn",
        Event::UnderspendExplained(_) => "underspendExplained",
        Event::ProfileSet(_) => "profileSet",
        Event::BaselineStruck(_) => "baselineStruck",
        Event::BaselineWithdrawn(_) => "baselineWithdrawn",
        Event::PeriodClosed(_) => "periodClosed",
        Event::PeriodReopened(_) => "periodReopened",
        Event::Reversed(_) => "reversed",
        Event::PolicyAdopted(_) => "policyAdopted",
        Event::Proposal(ProposalEvent::Drafted(_)) => "proposal drafted",
        Event::Proposal(ProposalEvent::Submitted(_)) => "proposal submitted",
        Event::Proposal(ProposalEvent::Signed(_)) => "proposal signed",
        Event::Proposal(ProposalEvent::Rejected(_)) => "proposal rejected",
        Event::Proposal(ProposalEvent::Withdrawn(_)) => "proposal withdrawn",
        Event::Proposal(ProposalEvent::ReviewRequested(_)) => "proposal review requested",
        Event::Proposal(ProposalEvent::Reviewed(_)) => "proposal reviewed",
        Event::Delegation(DelegationEvent::Given(_)) => "delegation given",
        Event::Delegation(DelegationEvent::Ended(_)) => "delegation ended",
        Event::OffsetLinked(_) => "offsetLinked",
        Event::ScopeDefined(_) => "scopeDefined",
        Event::FigurePublished(_) => "figurePublished",
    }
}

/// Every kind that [`kind`] names.
pub(crate) fn kinds() -> Vec<&'static str> {
    let source = include_str!("every_payload.rs");
    let arms = source.lines().filter(|line| line.trim_start().starts_with("Event::"));
    arms.filter_map(|line| line.split('"').nth(1)).collect()
}

const WIFI: &str = "WIFI/RJ1/2017-18/revenue";
const CYBER: &str = "CYBER/RJ1/2017-18/revenue";
const UNSPLIT: &str = "CYBER/XDH/2017-18/unsplit";
const FENCED: &str = "WIFI/RJ1/2017-18/capital/DIGITAL";

fn commands() -> Vec<Value> {
    let mut commands = registrations();
    commands.extend(funding());
    commands.extend(spending());
    commands.extend(closing());
    commands.extend(signing());
    commands.extend(publishing());
    commands.extend(withdrawing());
    commands
}

fn registrations() -> Vec<Value> {
    vec![
        json!({"registerBody": {"code": "QWE", "name": "South \"West\" London", "kind": "icb",
            "parent": "XDH", "openedOn": "2016-04-01"}}),
        json!({"registerBody": {"code": "RJ1", "name": "Guy’s", "kind": "trust", "parent": "QWE"}}),
        json!({"registerBody": {"code": "RQM", "name": "Chelsea", "kind": "trust"}}),
        json!({"registerBody": {"code": "RX0", "name": "Ended", "kind": "gpPractice"}}),
        json!({"registerBody": {"code": "RX1", "name": "Merged", "kind": "nationalBody"}}),
        json!({"openProgramme": {"code": "TECH", "name": "Technology"}}),
        json!({"openProgramme": {"code": "WIFI", "name": "WiFi", "parent": "TECH"}}),
        json!({"openProgramme": {"code": "CYBER", "name": "Cyber", "parent": "TECH"}}),
        json!({"openProgramme": {"code": "OLD", "name": "Cancelled"}}),
        json!({"openProgramme": {"code": "SHUT", "name": "Closed"}}),
        json!({"renameProgramme": {"code": "WIFI", "name": "Wi-Fi \\ free – £0"}}),
        json!({"closeProgramme": {"code": "SHUT"}}),
        json!({"closeBody": {"code": "RX0", "on": "2017-06-30"}}),
        json!({"mergeBodies": {"from": ["RX1"], "into": "RQM", "on": "2017-09-30"}}),
    ]
}

fn funding() -> Vec<Value> {
    let settled = |class: &str| {
        json!({"settleFunding": {"fund": "P2020", "class": class, "from": "2016-17",
            "to": "2018-19", "newMoney": "1000.01", "reannounced": "500.00"}})
    };
    let allocate = |line: &str, amount: &str| {
        json!({"allocate": {"fund": "P2020", "month": "M1",
            "to": [{"line": line, "amount": amount}]}})
    };
    vec![
        json!({"establishFund": {"code": "P2020", "name": "Paperless 2020"}}),
        json!({"establishFund": {"code": "INFRA", "name": "Infrastructure", "parent": "P2020"}}),
        settled("capital"),
        settled("revenue"),
        settled("unsplit"),
        json!({"earmark": {"fund": "P2020", "class": "revenue",
            "to": [{"fund": "INFRA", "amount": "100.00"}]}}),
        json!({"allocate": {"fund": "P2020", "class": "revenue", "month": "M1", "to": [
            {"line": WIFI, "amount": "600.00"}, {"line": CYBER, "amount": "0.00"}]}}),
        allocate(UNSPLIT, "300.00"),
        allocate(FENCED, "40.05"),
        allocate("OLD/RJ1/2017-18/revenue", "30.00"),
        json!({"strikeBaseline": {"year": "2017-18", "name": "original"}}),
        json!({"reallocate": {"month": "M2", "from": [{"line": WIFI, "amount": "100.00"}],
            "to": [{"line": CYBER, "amount": "100.00"}]}}),
        json!({"cut": {"line": WIFI, "amount": "20.00", "month": "M2", "to": "treasury"}}),
        json!({"cut": {"line": FENCED, "amount": "0.05", "month": "M2", "to": {"fund": "INFRA"}}}),
        json!({"splitLine": {"line": UNSPLIT, "capital": "100.00", "revenue": "50.00",
            "month": "M2"}}),
        json!({"exchangeBudget": {"line": WIFI, "amount": "3.00", "month": "M2"}}),
        json!({"cancelProgramme": {"programme": "OLD", "to": {"fund": "P2020"}, "month": "M2"}}),
        json!({"reverse": {"entry": 32}}),
    ]
}

fn spending() -> Vec<Value> {
    let actual = |line: &str, amount: &str| json!({"recordActual": {"line": line, "month": "M2", "amount": amount}});
    let phasing: Vec<&str> = std::iter::repeat_n("40.00", 10).chain(["50.00", "27.01"]).collect();
    vec![
        json!({"commit": {"line": WIFI, "month": "M2", "amount": "100.00", "reference": "PO/1"}}),
        json!({"releaseCommitment": {"reference": "PO/1", "month": "M2", "amount": "10.00"}}),
        json!({"accrue": {"line": WIFI, "month": "M2", "amount": "50.00", "reference": "ACC-1",
            "discharges": "PO/1"}}),
        json!({"releaseCommitment": {"reference": "ACC-1", "month": "M2", "amount": "5.00"}}),
        json!({"recordActual": {"line": WIFI, "month": "M2", "amount": "45.00",
            "transaction": "TX 1", "accountingClass": "capital", "discharges": "ACC-1"}}),
        actual(WIFI, "-3.00"),
        actual(WIFI, "1000.00"),
        actual("WIFI/RQM/2017-18/revenue", "0.01"),
        json!({"commit": {"line": CYBER, "month": "M2", "amount": "500.00", "reference": "PO/2"}}),
        json!({"reviseForecast": {"line": WIFI, "month": "M2", "series": "reported",
            "amount": "477.01", "phasing": phasing}}),
        json!({"reviseForecast": {"line": WIFI, "month": "M3", "series": "internal",
            "amount": "-1.00"}}),
        json!({"explainUnderspend": {"line": FENCED, "cause": "slippage", "amount": "10.00"}}),
        json!({"setProfile": {"line": WIFI, "profile": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 65535]}}),
        json!({"reverse": {"entry": 38}}),
    ]
}

fn closing() -> Vec<Value> {
    vec![
        json!({"closePeriod": {"year": "2017-18", "month": "M1", "close": "soft"}}),
        json!({"reopenPeriod": {"year": "2017-18", "month": "M1"}}),
        json!({"closePeriod": {"year": "2016-17", "close": "hard"}}),
        json!({"batch": [
            {"recordActual": {"line": CYBER, "month": "M13", "amount": "7.00",
                "concerns": "2016-17"}},
            {"accrue": {"line": CYBER, "month": "M2", "amount": "8.00", "reference": "ACC-2",
                "concerns": "2016-17"}},
            {"allocate": {"fund": "P2020", "month": "M3", "concerns": "2016-17",
                "to": [{"line": CYBER, "amount": "9.00"}]}},
        ]}),
    ]
}

/// The actor is named beside the command where it matters.
fn signing() -> Vec<Value> {
    let line = "WIFI/RKX/2017-18/revenue";
    let commit = |reference: &str| {
        json!({"commit": {"line": line, "month": "M3", "amount": "60000.00",
            "reference": reference}})
    };
    let five = json!({"allocate": {"fund": "P2020", "month": "M3",
        "to": [{"line": line, "amount": "5.00"}]}});
    let sign = |by: &str, proposal: u64| json!({"by": by, "signOff": {"proposals": [{"proposal": proposal, "version": 1}]}});
    let policy = serde_json::to_value(Policy::default()).unwrap();
    vec![
        json!({"registerBody": {"code": "RKX", "name": "Neighbour", "kind": "trust",
            "parent": "QWE"}}),
        json!({"allocate": {"fund": "P2020", "month": "M3",
            "to": [{"line": line, "amount": "10.00"}]}}),
        json!({"reviseForecast": {"line": line, "month": "M3", "series": "reported",
            "amount": "9.00"}}),
        json!({"linkOffset": {"year": "2017-18", "deteriorated": "RJ1", "by": "RKX",
            "amount": "0.01"}}),
        // Entry 56 waits for the ICB.
        commit("PO/3"),
        json!({"requestPeerReview": {"proposal": 56, "version": 1, "body": "RJ1"}}),
        json!({"by": "neighbour", "reviewProposal": {"proposal": 56, "version": 1, "body": "RJ1",
            "outcome": "supportedWithChanges"}}),
        json!({"by": "ida icb:QWE", "delegate": {"to": "sam",
            "capacity": {"tier": "icb", "body": "QWE"},
            "begins": "2017-06-01T00:00:00Z", "ends": "2018-06-01T00:00:00Z"}}),
        sign("sam", 56),
        json!({"by": "ida icb:QWE", "endDelegation": {"delegation": 59}}),
        // Entry 62 counts what entry 60 posted.
        commit("PO/4"),
        json!({"by": "ida icb:QWE", "rejectProposal": {"proposal": 62, "version": 1}}),
        // Entry 64.
        json!({"propose": {"command": five, "draft": true}}),
        json!({"submitProposal": {"proposal": 64, "version": 1}}),
        json!({"reviseProposal": {"proposal": 64, "version": 1, "command": five}}),
        json!({"withdrawProposal": {"proposal": 64}}),
        // Entry 68.
        json!({"by": "ada administers", "adoptPolicy": {"policy": policy,
            "effective": "2017-07-01T22:59:59.999999Z"}}),
        sign("dee department:XDH", 68),
    ]
}

/// A published figure of every certainty, with and without each optional member.
fn publishing() -> Vec<Value> {
    let published = |code: &str, figure: Value| {
        json!({"publishFigure": {"code": code, "title": "Underspend", "figure": figure,
            "source": "HSJ 7025287", "publishedOn": "2017-06-30"}})
    };
    vec![
        json!({"defineScope": {"code": "ALL", "name": "Everything"}}),
        json!({"defineScope": {"code": "SOME", "name": "Some of it", "programmes": ["WIFI", "CYBER"],
            "bodies": ["RJ1"], "classes": ["capital", "unsplit"]}}),
        published("EXACT", json!({"exact": "-131.20"})),
        published("ABOUT", json!({"about": "30.00"})),
        published("LEAST", json!({"atLeast": "0.01"})),
        published("RANGE", json!({"range": {"low": "1.00", "high": "2.00"}})),
        json!({"publishFigure": {"code": "WORDS", "title": "Forecast", "scope": "SOME",
            "year": "2017-18", "measure": "forecast",
            "figure": {"unquantified": "revised upwards"}, "source": "minutes",
            "publishedOn": "2017-06-30", "bearer": "local", "supersedes": "EXACT"}}),
        json!({"publishFigure": {"code": "NEW", "title": "New money", "fund": "P2020",
            "measure": "newMoney", "figure": {"exact": "1300.00"}, "source": "announced",
            "publishedOn": "2017-06-30", "bearer": "national"}}),
    ]
}

/// Withdrawn forecasts, with and without another of their month, a withdrawn baseline, and cancelled
/// funds. The first is entry 78.
fn withdrawing() -> Vec<Value> {
    let forecast = |amount: &str| {
        json!({"reviseForecast": {"line": WIFI, "month": "M4", "series": "reported",
            "amount": amount}})
    };
    vec![
        forecast("7.00"),
        forecast("8.00"),
        json!({"withdrawForecast": {"entry": 79}}),
        json!({"withdrawForecast": {"entry": 78, "line": WIFI}}),
        // Entry 82.
        json!({"withdrawBaseline": {"year": "2017-18", "name": "original"}}),
        json!({"by": "dee department:XDH",
            "signOff": {"proposals": [{"proposal": 82, "version": 1}]}}),
        json!({"cancelFund": {"fund": "INFRA", "to": {"fund": "P2020"}}}),
        json!({"cancelFund": {"fund": "P2020", "class": "capital", "to": "treasury"}}),
    ]
}

/// The entries as the program writes them today.
pub(crate) fn written_today() -> String {
    let book = LiveBook::begin();
    for (number, mut command) in (0_i64..).zip(commands()) {
        let by = command.as_object_mut().and_then(|command| command.remove("by"));
        let by = by.and_then(|by| by.as_str().map(str::to_owned)).unwrap_or("generator".to_owned());
        let what = command.to_string();
        let posting = Posting {
            key: parsed(&format!("fixture-{number}")),
            command: serde_json::from_value(command).unwrap(),
            reason: parsed("As agreed: \"page 3\", row 7 \\ £5 – café"),
            authority: (number % 2 == 1).then(|| parsed("letter:HMT-2017-04-01")),
            evidence: (0..=number % 3).map(|n| parsed(&format!("doc:minutes/{n}"))).collect(),
            inferred: (number % 9 == 8).then(|| parsed("the rest of the total")),
            expected_versions: Vec::new(),
        };
        // Postings start on 1 May 2017 and follow one day and one microsecond apart.
        let at = Timestamp::from_micros(1_493_640_000_000_000 + number * 86_400_000_001);
        let outcome = book.post_as(&by, &TimedPosting { at, by: GENERATOR, posting });
        assert!(outcome.is_ok(), "entry {}, {what}: {outcome:?}", number + 2);
    }
    book.export()
}
