//! A book of two lines that opens quickly, and postings with numbered keys.

use ledger_core::domain::command::{
    Allocate, Command, EstablishFund, LineAmount, OpenProgramme, Reallocate, RegisterBody,
    SettleFunding,
};
use ledger_core::domain::event::BodyKind;
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::posting::Posting;

use crate::generate::{body, fund, parsed, programme, year};

fn line(number: u64) -> LineKey {
    LineKey {
        programme: programme(number),
        body: body(0),
        year: year(0),
        class: BudgetClass::Revenue,
        ring_fence: None,
    }
}

fn posting(key: &str, command: impl Into<Command>) -> Posting {
    Posting {
        key: parsed(key),
        command: command.into(),
        reason: parsed("Month 7 ledger upload"),
        authority: None,
        evidence: std::iter::once(parsed("doc:minutes")).collect(),
        inferred: None,
        expected_versions: Vec::new(),
    }
}

/// The opening: a body, two programmes, a fund, and £1m on each of two lines.
pub fn opening() -> Vec<Posting> {
    let million = Pence::new(100_000_000);
    let mut commands: Vec<Command> = vec![
        RegisterBody {
            code: body(0),
            name: parsed("Body"),
            kind: BodyKind::Trust,
            parent: Some(parsed("XDH")),
            opened_on: None,
        }
        .into(),
    ];
    for number in 0..2 {
        let (code, name) = (programme(number), parsed(&format!("Programme {number}")));
        commands.push(OpenProgramme { code, name, parent: None }.into());
    }
    commands.push(EstablishFund { code: fund(), name: parsed("A fund"), parent: None }.into());
    commands.push(
        SettleFunding {
            fund: fund(),
            class: BudgetClass::Revenue,
            from: year(0),
            to: year(0),
            new_money: Pence::new(1_000_000_000),
            reannounced: Pence::new(0),
        }
        .into(),
    );
    let to = (0..2).map(|number| LineAmount { line: line(number), amount: million });
    commands.push(
        Allocate {
            fund: fund(),
            class: None,
            month: parsed("M1"),
            to: to.collect(),
            concerns: None,
        }
        .into(),
    );
    let numbered = commands.into_iter().enumerate();
    numbered.map(|(number, command)| posting(&format!("opening-{number}"), command)).collect()
}

/// The key of a numbered posting.
pub fn key(number: u64) -> String {
    format!("key-{number}")
}

/// The number of a key; None for the opening's keys.
pub fn number_of(key: &str) -> Option<u64> {
    key.strip_prefix("key-")?.parse().ok()
}

/// A numbered posting that moves a penny one way or the other. The same number gives the same
/// posting.
pub fn numbered(number: u64) -> Posting {
    let (from, to) = (line(number % 2), line((number + 1) % 2));
    let amount = Pence::new(1);
    let mut posting = posting(
        &key(number),
        Reallocate {
            month: parsed("M7"),
            from: std::iter::once(LineAmount { line: from, amount }).collect(),
            to: std::iter::once(LineAmount { line: to, amount }).collect(),
            concerns: None,
        },
    );
    // Entries of many sizes, from some bytes to several sectors.
    posting.reason = parsed("word ".repeat(1 + (number * 7 % 23) as usize).trim_end());
    posting
}
