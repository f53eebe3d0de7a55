//! A game: a small book, its players, and the moves they make.

use std::sync::Arc;

use ledger_core::domain::actor::Actor;
use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::command::Command;
use ledger_core::domain::decide::{Context, Original, decide};
use ledger_core::domain::event::{BookOpened, Event, Events};
use ledger_core::domain::ledger::Ledger;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::position::Position;
use ledger_tests::generate::{Random, acting, genesis, parsed};

use crate::laws;
use crate::model::{Model, Posted, is_signed};
use crate::schemes::Scheme;

/// The bodies, each with the one above it.
const TREE: [(&str, &str, &str); 7] = [
    ("NORTH", "region", "XDH"),
    ("QICB", "icb", "NORTH"),
    ("TR1", "trust", "QICB"),
    ("TR2", "trust", "QICB"),
    ("CCG", "ccg", "QICB"),
    ("SUB", "gpPractice", "TR1"),
    ("NB", "nationalBody", "XDH"),
];

/// The codes of the bodies.
pub(crate) const BODIES: [&str; 7] = ["QICB", "TR1", "TR2", "CCG", "SUB", "NB", "XDH"];

/// The players: makers, an administrator, and approvers who sign whatever they may.
const PLAYERS: [&str; 7] = [
    "pat",
    "lim",
    "mal",
    "ada administers",
    "dee department:XDH",
    "ida icb:QICB",
    "reg region:NORTH",
];

/// The year the games begin in.
pub(crate) const YEAR: &str = "2026-27";

/// A game in progress.
pub(crate) struct Game {
    pub(crate) seed: u64,
    pub(crate) random: Random,
    pub(crate) ledger: Ledger<'static>,
    pub(crate) model: Model,
    /// The clock, in microseconds.
    pub(crate) now: i64,
    pub(crate) scheme: Scheme,
    /// The reference of each commitment and accrual.
    pub(crate) references: Vec<String>,
    /// The events of each entry.
    entries: Vec<Events>,
}

impl Game {
    /// A new game on a new book.
    pub(crate) fn new(seed: u64) -> Self {
        let begins: Timestamp = parsed("2026-09-14T09:00:00Z");
        let mut game = Game {
            seed,
            random: Random(seed.wrapping_mul(0x9E37_79B9)),
            ledger: Ledger::new(),
            model: Model::default(),
            now: begins.micros(),
            scheme: Scheme::default(),
            references: Vec::new(),
            entries: Vec::new(),
        };
        game.open();
        game
    }

    /// The opening, by the department before several people use the book.
    fn open(&mut self) {
        let ledger_core::state::Genesis { book, department, name, .. } = genesis();
        let policy = Box::new(Policy::default());
        let opened = Event::BookOpened(BookOpened { book, department, name, policy });
        self.record("dept", smallvec_of(opened)).unwrap();
        let mut opening: Vec<String> = Vec::new();
        for (code, kind, parent) in TREE {
            opening.push(format!(
                r#"{{"registerBody":{{"code":"{code}","name":"{code}","kind":"{kind}","parent":"{parent}"}}}}"#
            ));
        }
        for (code, parent) in [
            ("WIFI", ""),
            ("CYBER", ""),
            ("SITES", r#","parent":"WIFI""#),
            ("MASTS", r#","parent":"SITES""#),
        ] {
            opening.push(format!(
                r#"{{"openProgramme":{{"code":"{code}","name":"{code}"{parent}}}}}"#
            ));
        }
        opening.push(r#"{"establishFund":{"code":"F","name":"F"}}"#.into());
        opening.push(r#"{"establishFund":{"code":"G","name":"G","parent":"F"}}"#.into());
        for class in ["revenue", "capital", "unsplit"] {
            opening.push(format!(
                r#"{{"settleFunding":{{"fund":"F","class":"{class}","from":"2025-26","to":"2028-29","newMoney":"90000000.00","reannounced":"0.00"}}}}"#
            ));
        }
        for line in [
            "WIFI/XDH/2026-27/revenue",
            "WIFI/TR1/2026-27/revenue",
            "CYBER/XDH/2026-27/capital",
            "WIFI/TR2/2026-27/unsplit",
            "SITES/XDH/2026-27/revenue/COVID",
        ] {
            opening.push(format!(
                r#"{{"allocate":{{"fund":"F","month":"M1","to":[{{"line":"{line}","amount":"6000000.00"}}]}}}}"#
            ));
        }
        for posting in &opening {
            let command: Command = serde_json::from_str(posting).unwrap();
            let posted = self.make("dept", &command, false, false);
            assert!(posted.is_ok(), "{posting}: {posted:?}");
            // The opening is long past.
            self.now += 4 * 86_400_000_000;
        }
        self.now += 100 * 86_400_000_000;
        let policy = Box::new(Policy::default().with_second_person());
        let effective = Timestamp::from_micros(self.now);
        let adopt = ledger_core::domain::command::AdoptPolicy { policy, effective }.into();
        let posted = self.make("ada administers", &adopt, false, false);
        assert!(posted.is_ok(), "{posted:?}");
    }

    /// Plays, and names the first broken law.
    pub(crate) fn play(mut self, moves: u64) -> Result<(), String> {
        for number in 0..moves {
            let (player, command, authority, evidence) = self.next_move();
            let before = self.model.entries.len();
            if let Err(broken) = self.make(player, &command, authority, evidence)
                && self.model.entries.len() > before
            {
                let command = serde_json::to_string(&command).unwrap();
                let seed = self.seed;
                return Err(format!(
                    "seed {seed}, move {number}, {player}: {broken}\n  {command:.600}"
                ));
            }
        }
        self.others_can_post()
    }

    /// Nobody has kept the department from posting, lawful closes apart.
    fn others_can_post(&mut self) -> Result<(), String> {
        let year = self.year();
        let line = format!("SUSPENSE/XDH/{year}/capital");
        for posting in [
            format!(r#"{{"recordActual":{{"line":"{line}","month":"M13","amount":"0.01"}}}}"#),
            format!(
                r#"{{"reviseForecast":{{"line":"{line}","month":"M12","series":"internal","amount":"1.00"}}}}"#
            ),
        ] {
            let command: Command = serde_json::from_str(&posting).unwrap();
            if let Err(kept) = self.make("dept", &command, false, false) {
                return Err(format!("seed {}: the department cannot post: {kept}", self.seed));
            }
        }
        Ok(())
    }

    /// The current financial year.
    pub(crate) fn year(&self) -> FinancialYear {
        let period = Timestamp::from_micros(self.now).period();
        period.map_or_else(|_| parsed(YEAR), |(year, _)| year)
    }

    /// The month of the clock.
    pub(crate) fn current_month(&self) -> Month {
        let period = Timestamp::from_micros(self.now).period();
        period.map_or(Month::M1, |(_, month)| month)
    }

    /// A player: mostly one who makes.
    pub(crate) fn player(&mut self) -> &'static str {
        if self.random.one_in(3) {
            self.random.pick(&PLAYERS)
        } else {
            self.random.pick(&PLAYERS[..3])
        }
    }

    /// The number of entries.
    pub(crate) fn head(&self) -> u64 {
        self.entries.len() as u64
    }

    /// A line that is open.
    pub(crate) fn open_line(&mut self) -> LineKey {
        let lines = self.ledger.line_keys();
        self.random.pick(&lines)
    }

    /// Makes a move. An error says why it was refused, or which law it broke.
    fn make(
        &mut self,
        player: &str,
        command: &Command,
        has_authority: bool,
        has_evidence: bool,
    ) -> Result<(), String> {
        let actor: Arc<Actor> = acting(player);
        let originals: Vec<Original> = self
            .ledger
            .undoes(command)
            .into_iter()
            .filter_map(|position| {
                let index = usize::try_from(position.get().checked_sub(1)?).ok()?;
                Some(Original { position, events: self.entries.get(index)?.clone() })
            })
            .collect();
        let recorded = Timestamp::from_micros(self.now);
        let context =
            Context { actor: &actor, recorded, has_authority, has_evidence, originals: &originals };
        let decision =
            decide(&self.ledger, command, &context).map_err(|refused| refused.to_string())?;
        self.record(player, decision.events)
    }

    fn record(&mut self, player: &str, events: Events) -> Result<(), String> {
        let position = Position::new(self.head() + 1);
        let actor = acting(player);
        let maker = self.maker_of(&events).unwrap_or_else(|| actor.id.as_str().to_owned());
        let (at, signed) = (self.now, is_signed(&events));
        let entry = Arc::new(Posted { maker, at, signed, events: events.to_vec() });
        let recorded = Timestamp::from_micros(self.now);
        self.ledger.apply(position, recorded, actor.digest(), &events);
        self.entries.push(events);
        let before = self.model.clone();
        self.model.apply(Arc::clone(&entry));
        if player == "dept" {
            return Ok(());
        }
        laws::check(&before, &entry, &self.model)
    }

    /// The maker of the proposal that a signature posts.
    fn maker_of(&self, events: &[Event]) -> Option<String> {
        events.iter().find_map(|event| {
            let Event::Proposal(event) = event else { return None };
            let proposal = self.ledger.proposal(event.proposal()?)?;
            proposal.preparers.last().map(|maker| maker.as_str().to_owned())
        })
    }
}

fn smallvec_of(event: Event) -> Events {
    Events::from_iter([event])
}
