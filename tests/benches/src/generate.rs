//! Generated books: 60 programmes, 12 years, two classes, 40 bodies, and about a department's mix
//! of postings. The same seed gives the same postings.

use std::sync::Arc;

use ledger_core::domain::actor::{Actor, Capacity, Tier};
use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use ledger_core::domain::command::{
    Accrue, Allocate, Command, Commit, Cut, EstablishFund, LineAmount, OpenProgramme, Reallocate,
    RecordActual, RegisterBody, ReturnTo, ReviseForecast, SettleFunding, StrikeBaseline,
};
use ledger_core::domain::event::{BodyKind, Series};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::{ActorId, BookId, Citation, IdempotencyKey, Reason, Reference};
use ledger_core::state::Genesis;

/// The number of programmes in a generated book.
pub const PROGRAMMES: u64 = 60;
/// The number of years.
pub const YEARS: u64 = 12;
/// The number of bodies.
pub const BODIES: u64 = 40;

/// Parses a test's text.
///
/// # Panics
///
/// If the text is wrong.
#[expect(clippy::panic, reason = "a mistake in a test")]
pub fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A small generator of numbers (SplitMix64), the same on every machine.
#[derive(Clone, Copy, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub const fn below(&mut self, bound: u64) -> u64 {
        ((self.next() as u128 * bound as u128) >> 64) as u64
    }

    /// Whether one of so many chances falls.
    pub const fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    /// One of some items.
    ///
    /// # Panics
    ///
    /// Without an item.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

/// A programme of a generated book.
pub fn programme(number: u64) -> ProgrammeCode {
    parsed(&format!("P{number:03}"))
}

/// A body of a generated book.
pub fn body(number: u64) -> BodyCode {
    parsed(&format!("RX{number:03}"))
}

/// A year of a generated book.
pub fn year(number: u64) -> FinancialYear {
    let start = 2013 + number;
    parsed(&format!("{start}-{:02}", (start + 1) % 100))
}

/// The fund of a generated book.
pub fn fund() -> FundCode {
    parsed("FUND")
}

/// An actor with capacities: `carol icb:QX` is Carol, who signs for the ICB QX, and `ada
/// administers` an administrator.
///
/// # Panics
///
/// If the text is wrong.
#[expect(clippy::panic, reason = "a mistake in a test")]
pub fn acting(text: &str) -> Arc<Actor> {
    let mut words = text.split_whitespace();
    let id = words.next().map(parsed).unwrap_or_else(|| panic!("nobody is named"));
    let mut found = Actor {
        id,
        capacities: Vec::new(),
        administers: false,
        lapsed: Vec::new(),
        reads: Arc::default(),
    };
    for word in words {
        let Some((tier, body)) = word.split_once(':') else {
            found.administers = word == "administers";
            continue;
        };
        let tier = Tier::ALL.into_iter().find(|one| one.as_str() == tier);
        let tier = tier.unwrap_or_else(|| panic!("{word} names no tier"));
        found.capacities.push(Capacity { tier, body: parsed(body) });
    }
    Arc::new(found)
}

/// The actor of a generated book.
pub fn actor() -> ActorId {
    parsed("generator")
}

/// The first entry of a generated book.
pub fn genesis() -> Genesis {
    Genesis {
        book: BookId::new([7; 16]),
        department: parsed("XDH"),
        name: parsed("Department"),
        policy: Policy::default(),
        recorded: Timestamp::from_micros(1_700_000_000_000_000),
        actor: actor(),
    }
}

fn one<C: FromIterator<LineAmount>>(part: LineAmount) -> C {
    std::iter::once(part).collect()
}

/// A stream of postings.
#[derive(Debug)]
pub struct Generator {
    random: Random,
    count: u64,
    lines: Vec<LineKey>,
    reason: Reason,
    fund: FundCode,
}

impl Generator {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        let mut lines = Vec::new();
        for year_number in 0..YEARS {
            for class in [BudgetClass::Capital, BudgetClass::Revenue] {
                for programme_number in 0..PROGRAMMES {
                    for body_number in 0..BODIES {
                        lines.push(LineKey {
                            programme: programme(programme_number),
                            body: body(body_number),
                            year: year(year_number),
                            class,
                            ring_fence: None,
                        });
                    }
                }
            }
        }
        let reason = parsed("Month 7 ledger upload, batch 00042");
        Generator { random: Random(seed), count: 0, lines, reason, fund: fund() }
    }

    /// Every line of the book.
    pub fn lines(&self) -> &[LineKey] {
        &self.lines
    }

    /// A posting of a command.
    pub fn posting(&mut self, command: impl Into<Command>) -> Posting {
        self.count += 1;
        let (a, b) = (self.random.next(), self.random.next());
        let evidence = format!("doc:{:016x}{:016x}", self.random.next(), self.random.next());
        Posting {
            key: parsed::<IdempotencyKey>(&format!("{a:016x}{b:016x}")),
            command: command.into(),
            reason: self.reason.clone(),
            authority: None,
            evidence: std::iter::once(parsed::<Citation>(&evidence)).collect(),
            inferred: None,
            expected_versions: Vec::new(),
        }
    }

    /// The book's opening: bodies, programmes, a fund, £100m on every line, and original budgets.
    pub fn opening(&mut self) -> Vec<Posting> {
        let mut commands: Vec<Command> = Vec::new();
        for number in 0..BODIES {
            commands.push(
                RegisterBody {
                    code: body(number),
                    name: parsed(&format!("Body {number}")),
                    kind: BodyKind::Trust,
                    parent: Some(parsed("XDH")),
                    opened_on: None,
                }
                .into(),
            );
        }
        for number in 0..PROGRAMMES {
            let code = programme(number);
            let name = parsed(&format!("Programme {number}"));
            commands.push(OpenProgramme { code, name, parent: None }.into());
        }
        commands.push(EstablishFund { code: fund(), name: parsed("A fund"), parent: None }.into());
        for class in [BudgetClass::Capital, BudgetClass::Revenue] {
            commands.push(
                SettleFunding {
                    fund: fund(),
                    class,
                    from: year(0),
                    to: year(YEARS - 1),
                    new_money: Pence::new(400_000_000_000_000),
                    reannounced: Pence::new(400_000_000_000_000),
                }
                .into(),
            );
        }
        let million = Pence::new(100_000_000);
        let of_year = (PROGRAMMES * BODIES * 2) as usize;
        for lines in self.lines.chunks(of_year) {
            for lines in lines.chunks(300) {
                let to = lines.iter().map(|line| LineAmount {
                    line: *line,
                    amount: Pence::new(million.get() * 100),
                });
                commands.push(
                    Allocate {
                        fund: fund(),
                        class: None,
                        month: Month::M1,
                        to: to.collect(),
                        concerns: None,
                    }
                    .into(),
                );
            }
            let year = lines.first().map_or_else(|| year(0), |line| line.year);
            commands.push(StrikeBaseline { year, name: parsed("original") }.into());
        }
        commands.into_iter().map(|command| self.posting(command)).collect()
    }

    fn line(&mut self) -> LineKey {
        self.lines[self.random.below(self.lines.len() as u64) as usize]
    }

    /// Two different lines of the same year and class.
    fn two_lines(&mut self) -> (LineKey, LineKey) {
        let group = PROGRAMMES * BODIES;
        let first = self.random.below(self.lines.len() as u64);
        let start = first / group * group;
        let other = start + (first - start + 1 + self.random.below(group - 1)) % group;
        (self.lines[first as usize], self.lines[other as usize])
    }

    fn month(&mut self) -> Month {
        parsed(&format!("M{}", 1 + self.random.below(12)))
    }

    fn amount(&mut self) -> Pence {
        Pence::new(1 + self.random.below(5_000_000) as i64)
    }

    fn reference(&mut self) -> Reference {
        parsed(&format!("PO-{}-{:08x}", self.count, self.random.next() as u32))
    }

    /// A reallocation between two lines.
    pub fn reallocation(&mut self) -> Posting {
        let ((from, to), amount, month) = (self.two_lines(), self.amount(), self.month());
        self.posting(Reallocate {
            month,
            from: one(LineAmount { line: from, amount }),
            to: one(LineAmount { line: to, amount }),
            concerns: None,
        })
    }

    /// The next posting of the mix: 60% spend, 25% reallocations, 9% allocations and cuts, 6%
    /// commitments, accruals and forecasts.
    pub fn posting_of_the_mix(&mut self) -> Posting {
        let kind = self.random.below(100);
        if (60..85).contains(&kind) {
            return self.reallocation();
        }
        let (line, month, amount) = (self.line(), self.month(), self.amount());
        let command: Command = match kind {
            0..60 => RecordActual {
                line,
                month,
                amount,
                transaction: None,
                accounting_class: None,
                discharges: None,
                concerns: None,
            }
            .into(),
            85..90 => Allocate {
                fund: self.fund,
                class: None,
                month,
                to: one(LineAmount { line, amount }),
                concerns: None,
            }
            .into(),
            90..94 => {
                Cut { line, amount, month, to: Some(ReturnTo::Fund(self.fund)), concerns: None }
                    .into()
            }
            94..96 => Commit { line, month, amount, reference: self.reference() }.into(),
            96..98 => {
                let (reference, discharges, concerns) = (self.reference(), None, None);
                Accrue { line, month, amount, reference, discharges, concerns }.into()
            }
            _ => {
                let (series, phasing) = (Series::Reported, None);
                let amount = Pence::new(9_000_000_000 + amount.get());
                ReviseForecast { line, month, series, amount, phasing }.into()
            }
        };
        self.posting(command)
    }
}
