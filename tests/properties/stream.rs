//! Random postings in a small world: valid and invalid commands, repeated keys, batches, reversals,
//! closes, and a clock that runs through three financial years and past their end.

use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode, RingFence};
use ledger_core::domain::command::{
    Allocate, Command, EstablishFund, LineAmount, OpenProgramme, RegisterBody, SettleFunding,
};
use ledger_core::domain::event::BodyKind;
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::{ExpectedVersion, Posting};
use ledger_core::domain::text::Reference;
use ledger_core::writer::Outcome;
use ledger_tests::generate::{Random, parsed};

/// Programmes with their parents.
const PROGRAMMES: [(&str, Option<&str>); 6] = [
    ("PORT", None),
    ("WIFI", Some("PORT")),
    ("WIFI-GP", Some("WIFI")),
    ("CYBER", Some("PORT")),
    ("LONE", None),
    ("APPS", None),
];

/// Bodies with their parents; `XDH` is the department. One system, and a trust outside it.
const BODIES: [(&str, BodyKind, Option<&str>); 5] = [
    ("NORTH", BodyKind::Region, Some("XDH")),
    ("QICB", BodyKind::Icb, Some("NORTH")),
    ("RX1", BodyKind::Trust, Some("QICB")),
    ("RX2", BodyKind::Trust, Some("QICB")),
    ("RX3", BodyKind::Trust, None),
];

/// Funds with their parents.
const FUNDS: [(&str, Option<&str>); 3] =
    [("P2020", None), ("APPFUND", Some("P2020")), ("OLD", None)];

/// The lines that the opening allocates money to in each year and class.
const PAID: [(&str, &str); 4] =
    [("WIFI-GP", "RX1"), ("CYBER", "RX2"), ("LONE", "QICB"), ("PORT", "XDH")];

pub(crate) const YEARS: [&str; 3] = ["2016-17", "2017-18", "2018-19"];

/// 2 April 2016, the first day of a stream about sign-off.
const BEGINS: i64 = 1_459_555_200_000_000;

/// 1 October 2016, the first day of another stream.
const BEGINS_LATER: i64 = 1_475_280_000_000_000;

const DAY: u64 = 86_400_000_000;

/// The actor of commands that are not about sign-off.
pub(crate) const GENERATOR: &str = "generator";

/// A posting with its moment and its actor.
#[derive(Clone, Debug)]
pub(crate) struct TimedPosting {
    pub(crate) at: Timestamp,
    pub(crate) by: &'static str,
    pub(crate) posting: Posting,
}

/// A stream of postings.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) random: Random,
    pub(crate) now: i64,
    pub(crate) count: u64,
    /// The last entry that its postings made.
    pub(crate) head: u64,
    pub(crate) references: Vec<(LineKey, Reference)>,
    /// The entries of its forecasts.
    pub(crate) forecasts: Vec<Position>,
    /// The entries of its cancellations of programmes.
    pub(crate) cancellations: Vec<Position>,
    /// The proposals that its postings made, each in its latest version.
    pub(crate) proposals: Vec<(Position, u32)>,
    pub(crate) delegations: Vec<Position>,
    sign_off_one_in: u64,
    /// The longest time between two postings.
    pace: u64,
    sent: Vec<Posting>,
}

impl Stream {
    /// The stream of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let random = Random(seed.wrapping_mul(0x5851_F42D_4C95_7F2D));
        Stream {
            random,
            now: BEGINS_LATER,
            count: 0,
            head: 1,
            references: Vec::new(),
            forecasts: Vec::new(),
            cancellations: Vec::new(),
            proposals: Vec::new(),
            delegations: Vec::new(),
            sign_off_one_in: 10,
            pace: 10 * DAY,
            sent: Vec::new(),
        }
    }

    /// A stream that is mostly about sign-off. Most of its postings concern years that have not ended.
    pub(crate) fn of_sign_off(seed: u64) -> Self {
        Stream { sign_off_one_in: 2, now: BEGINS, pace: 6 * DAY, ..Stream::new(seed) }
    }

    pub(crate) fn one_in(&mut self, of: u64) -> bool {
        self.random.below(of) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.random.below(of.len() as u64) as usize]
    }

    pub(crate) fn year(&mut self) -> FinancialYear {
        parsed(self.pick(&YEARS))
    }

    pub(crate) fn class(&mut self) -> BudgetClass {
        self.pick(&BudgetClass::ALL)
    }

    pub(crate) fn programme(&mut self) -> ProgrammeCode {
        match self.random.below(30) {
            0 => parsed("TYPO"),
            1 | 2 => ProgrammeCode::SUSPENSE,
            3 => ProgrammeCode::EXCHANGE,
            4..=7 => parsed(&format!("NEW{}", self.random.below(8))),
            _ => parsed(self.pick(&PROGRAMMES).0),
        }
    }

    pub(crate) fn body(&mut self) -> BodyCode {
        match self.random.below(30) {
            0 => parsed("TYPO"),
            1..=3 => parsed("XDH"),
            4..=6 => parsed(&format!("RN{}", self.random.below(6))),
            _ => parsed(self.pick(&BODIES).0),
        }
    }

    /// Mostly a body of the one system.
    pub(crate) fn body_of_system(&mut self) -> BodyCode {
        parsed(self.pick(&["RX1", "RX2", "RX1", "RX2", "QICB", "RX3"]))
    }

    pub(crate) fn fund(&mut self) -> FundCode {
        if self.one_in(25) { parsed("TYPO") } else { parsed(self.pick(&FUNDS).0) }
    }

    pub(crate) fn fence(&mut self) -> Option<RingFence> {
        self.pick(&[None, None, None, None, Some("DIGITAL"), Some("GP")]).map(parsed)
    }

    /// A line, mostly one that the opening paid.
    pub(crate) fn line(&mut self) -> LineKey {
        let (year, class) = (self.year(), self.class());
        if !self.one_in(4) {
            let (programme, body) = self.pick(&PAID);
            let (programme, body) = (parsed(programme), parsed(body));
            return LineKey { programme, body, year, class, ring_fence: None };
        }
        let (programme, ring_fence) = (self.programme(), self.fence());
        let at_department =
            programme == ProgrammeCode::SUSPENSE || programme == ProgrammeCode::EXCHANGE;
        let body = if at_department { parsed("XDH") } else { self.body() };
        LineKey { programme, body, year, class, ring_fence }
    }

    /// Another line, mostly of the same year and class.
    pub(crate) fn line_beside(&mut self, other: &LineKey) -> LineKey {
        let line = self.line();
        let class = if self.one_in(6) { line.class } else { other.class };
        let year = if self.one_in(15) { line.year } else { other.year };
        LineKey { class, year, ..line }
    }

    pub(crate) fn month(&mut self) -> Month {
        parsed(&format!("M{}", 1 + self.random.below(13)))
    }

    pub(crate) fn amount(&mut self) -> Pence {
        let size = self.pick(&[3, 200, 12_345, 1_000_000, 20_000_000]);
        Pence::new(match self.random.below(60) {
            0 => 0,
            1 => -(self.random.below(size) as i64),
            2 => Pence::LIMIT.get(),
            _ => 1 + self.random.below(size) as i64,
        })
    }

    pub(crate) fn parts(&mut self, first: LineKey, amount: Pence) -> Vec<LineAmount> {
        let count = 1 + self.random.below(3) as i64;
        let share = Pence::new(amount.get() / count);
        let mut parts = vec![LineAmount { line: first, amount }];
        for _ in 1..count {
            let line = self.line_beside(&first);
            parts[0].amount = parts[0].amount.minus(share);
            parts.push(LineAmount { line, amount: share });
        }
        parts
    }

    /// Registers the world and allocates money to its first lines.
    pub(crate) fn opening(&mut self) -> Vec<TimedPosting> {
        let mut commands: Vec<Command> = Vec::new();
        for (code, kind, parent) in BODIES {
            commands.push(
                RegisterBody {
                    code: parsed(code),
                    name: parsed(&format!("Body {code}")),
                    kind,
                    parent: parent.map(parsed),
                    opened_on: None,
                }
                .into(),
            );
        }
        for (code, parent) in PROGRAMMES {
            let name = parsed(&format!("Programme {code}"));
            commands.push(
                OpenProgramme { code: parsed(code), name, parent: parent.map(parsed) }.into(),
            );
        }
        for (code, parent) in FUNDS {
            let name = parsed(&format!("Fund {code}"));
            commands.push(
                EstablishFund { code: parsed(code), name, parent: parent.map(parsed) }.into(),
            );
        }
        for class in BudgetClass::ALL {
            for fund in ["P2020", "OLD"] {
                let (new_money, reannounced) = (self.random.below(90_000_000), 1_234_567_891);
                commands.push(
                    SettleFunding {
                        fund: parsed(fund),
                        class,
                        from: parsed(YEARS[0]),
                        to: parsed(YEARS[2]),
                        new_money: Pence::new(new_money as i64),
                        reannounced: Pence::new(reannounced),
                    }
                    .into(),
                );
            }
        }
        for year in YEARS {
            for class in BudgetClass::ALL {
                let to = PAID.map(|(programme, body)| {
                    let (programme, body) = (parsed(programme), parsed(body));
                    let year = parsed(year);
                    let line = LineKey { programme, body, year, class, ring_fence: None };
                    LineAmount { line, amount: Pence::new(self.random.below(9_000_000) as i64) }
                });
                let to = to.into_iter().collect();
                let (fund, month) = (parsed("P2020"), parsed("M2"));
                commands.push(Allocate { fund, class: None, month, to, concerns: None }.into());
            }
        }
        commands.into_iter().map(|command| self.send_plainly(command)).collect()
    }

    /// A posting of a command, some days later.
    pub(crate) fn send_plainly(&mut self, command: Command) -> TimedPosting {
        self.count += 1;
        self.now += self.random.below(self.pace) as i64;
        let posting = Posting {
            key: parsed(&format!("key-{}", self.count)),
            command,
            reason: parsed("Month end \u{201c}upload\u{201d}\\7"),
            authority: (!self.one_in(3)).then(|| parsed("HMT letter 7/2017")),
            evidence: (0..self.random.below(3)).map(|n| parsed(&format!("doc:{n}"))).collect(),
            inferred: self.one_in(7).then(|| parsed("worked out from the totals")),
            expected_versions: Vec::new(),
        };
        let by = self.person_for(&posting.command);
        TimedPosting { at: Timestamp::from_micros(self.now), by, posting }
    }

    /// A posting, sometimes with a used key or with wrong versions.
    pub(crate) fn send(&mut self, command: Command) -> TimedPosting {
        let mut sent = self.send_plainly(command);
        if self.one_in(25) {
            let (line, version) = (self.line(), Position::new(self.random.below(9) * 9));
            sent.posting.expected_versions.push(ExpectedVersion { line, version });
        }
        if self.one_in(12)
            && let Some(earlier) = self.sent_before()
        {
            if self.one_in(2) {
                sent.posting = earlier;
            } else {
                sent.posting.key = earlier.key;
            }
        }
        self.sent.push(sent.posting.clone());
        sent
    }

    fn sent_before(&mut self) -> Option<Posting> {
        let index = self.random.below(self.sent.len().max(1) as u64) as usize;
        self.sent.get(index).cloned()
    }

    /// Records the outcome of a posting.
    pub(crate) fn record_outcome(
        &mut self,
        sent: &TimedPosting,
        outcome: &Outcome,
        known_references: usize,
    ) {
        match outcome {
            Ok(receipt) => {
                self.head = self.head.max(receipt.position.get());
                if !receipt.replayed {
                    if !sent.posting.command.forecast_lines().is_empty() {
                        self.forecasts.push(receipt.position);
                    }
                    if let Command::CancelProgramme(_) = sent.posting.command {
                        self.cancellations.push(receipt.position);
                    }
                    self.record_proposal(&sent.posting.command, receipt);
                }
            }
            Err(_) => self.references.truncate(known_references),
        }
    }

    /// The next posting.
    pub(crate) fn next(&mut self) -> TimedPosting {
        let command = if self.one_in(12) {
            let count = self.random.below(5);
            Command::Batch((0..count).map(|_| self.command()).collect())
        } else if self.count % 20 == 19 {
            self.about_figures()
        } else if self.one_in(self.sign_off_one_in) {
            self.about_sign_off()
        } else {
            self.command()
        };
        self.send(command)
    }
}
