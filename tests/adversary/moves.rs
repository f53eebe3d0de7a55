//! The moves: every command, with the amounts and citations that tempt.

use ledger_core::domain::command::Command;
use ledger_core::domain::money::Pence;
use serde_json::{Value, json};

use crate::game::{BODIES, Game};

const DAY: i64 = 86_400_000_000;

/// The kinds of a ring-fence and class of a line.
const CLASSES: [&str; 4] = ["revenue", "capital", "unsplit", "revenue/COVID"];
const PROGRAMMES: [&str; 6] = ["WIFI", "CYBER", "SITES", "MASTS", "SUSPENSE", "EXCHANGE"];

impl Game {
    /// The next move: who makes it, the command, and whether an authority and evidence are cited.
    pub(crate) fn next_move(&mut self) -> (&'static str, Command, bool, bool) {
        let waits = self.random.pick(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 3, 5, 20]);
        self.now += waits * DAY + 1_000_000;
        if self.scheme.moves.is_empty() && self.random.one_in(16) {
            self.scheme = self.scheme();
        }
        let (player, value) = match self.scheme.moves.pop_front() {
            Some(next) => (self.scheme.player, next),
            None => (self.player(), self.command(2)),
        };
        let command: Command = serde_json::from_value(value.clone())
            .unwrap_or_else(|error| panic!("{value}: {error}"));
        (player, command, self.random.one_in(3), self.random.one_in(2))
    }

    fn command(&mut self, depth: u64) -> Value {
        match self.random.below(if depth > 0 { 34 } else { 24 }) {
            0..=3 => self.allocation(),
            4..=6 => self.reallocation(),
            7 => self.cut(),
            8 => self.split(),
            9 => {
                json!({ "exchangeBudget": { "line": self.line(), "amount": self.amount(), "month": self.month() } })
            }
            10..=12 => {
                let reference = self.new_reference();
                json!({ "commit": { "line": self.line(), "month": self.month(), "amount": self.amount(), "reference": reference } })
            }
            13 => {
                json!({ "releaseCommitment": { "reference": self.reference(), "month": self.month() } })
            }
            14 => {
                let reference = self.new_reference();
                json!({ "accrue": { "line": self.line(), "month": self.month(), "amount": self.amount(), "reference": reference } })
            }
            15..=17 => self.spend(),
            18..=20 => {
                json!({ "reviseForecast": { "line": self.line(), "month": self.month(), "series": self.random.pick(&["reported", "reported", "internal"]), "amount": self.amount() } })
            }
            21 => self.closing(),
            22 => self.registration(),
            23 => self.earmark_or_settlement(),
            24..=28 => json!({ "reverse": { "entry": self.entry() } }),
            29 | 30 => {
                let count = 1 + self.random.below(3);
                let commands: Vec<Value> = (0..count).map(|_| self.command(depth - 1)).collect();
                json!({ "batch": commands.into_iter().filter(|command| command.get("batch").is_none() && !is_about_sign_off(command)).chain([json!({ "renameProgramme": { "code": "WIFI", "name": "Wi-Fi" } })]).collect::<Vec<_>>() })
            }
            _ => self.sign_off(depth),
        }
    }

    fn allocation(&mut self) -> Value {
        let parts = 1 + self.random.below(2);
        let to: Vec<Value> =
            (0..parts).map(|_| json!({ "line": self.line(), "amount": self.amount() })).collect();
        let mut allocate =
            json!({ "fund": self.random.pick(&["F", "F", "G"]), "month": self.month(), "to": to });
        if self.random.one_in(3) {
            allocate["class"] = json!(self.random.pick(&["revenue", "capital", "unsplit"]));
        }
        json!({ "allocate": allocate })
    }

    fn reallocation(&mut self) -> Value {
        let amount = self.amount();
        let (from, to) = (self.line(), self.line());
        let part = |line: &str| json!([{ "line": line, "amount": amount }]);
        json!({ "reallocate": { "month": self.month(), "from": part(&from), "to": part(&to) } })
    }

    fn cut(&mut self) -> Value {
        let mut cut =
            json!({ "line": self.line(), "amount": self.amount(), "month": self.month() });
        if self.random.one_in(2) {
            cut["to"] = json!("treasury");
        }
        json!({ "cut": cut })
    }

    fn split(&mut self) -> Value {
        let year = self.year();
        let line = format!("WIFI/TR2/{year}/unsplit");
        json!({ "splitLine": { "line": line, "capital": "0.00", "revenue": self.amount(), "month": self.month() } })
    }

    fn spend(&mut self) -> Value {
        let amount = self.amount();
        let amount = if self.random.one_in(3) { format!("-{amount}") } else { amount };
        let mut spend = json!({ "line": self.line(), "month": self.month(), "amount": amount });
        if self.random.one_in(3) {
            spend["discharges"] = json!(self.reference());
        }
        if self.random.one_in(5) {
            spend["concerns"] = json!("2025-26");
        }
        json!({ "recordActual": spend })
    }

    fn closing(&mut self) -> Value {
        let year = self.random.pick(&["2025-26", "2026-27", "2027-28"]);
        match self.random.below(4) {
            0 => json!({ "closePeriod": { "year": year, "close": "hard" } }),
            1 => json!({ "closePeriod": { "year": year, "month": self.month(), "close": "hard" } }),
            2 => json!({ "closePeriod": { "year": year, "month": self.month(), "close": "soft" } }),
            _ => json!({ "reopenPeriod": { "year": year, "month": self.month() } }),
        }
    }

    fn registration(&mut self) -> Value {
        let code = format!("B{}", self.random.below(1_000));
        match self.random.below(5) {
            0 => {
                json!({ "registerBody": { "code": code, "name": code, "kind": self.random.pick(&["icb", "trust", "nationalBody"]), "parent": self.random.pick(&BODIES) } })
            }
            1 => {
                json!({ "openProgramme": { "code": code, "name": code, "parent": self.random.pick(&PROGRAMMES[..4]) } })
            }
            2 => {
                json!({ "cancelProgramme": { "programme": self.random.pick(&PROGRAMMES[..4]), "to": self.destination(), "month": self.month() } })
            }
            3 => {
                json!({ "setProfile": { "line": self.line(), "profile": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] } })
            }
            _ => {
                json!({ "establishFund": { "code": code, "name": code, "parent": self.random.pick(&["F", "G"]) } })
            }
        }
    }

    pub(crate) fn destination(&mut self) -> Value {
        let programme = self.random.pick(&PROGRAMMES[..5]);
        match self.random.below(3) {
            0 => json!("treasury"),
            1 => json!({ "fund": "F" }),
            _ => json!({ "programme": programme }),
        }
    }

    fn earmark_or_settlement(&mut self) -> Value {
        if self.random.one_in(2) {
            let to = json!([{ "fund": "G", "amount": self.amount() }]);
            return json!({ "earmark": { "fund": "F", "class": self.random.pick(&["revenue", "capital"]), "to": to } });
        }
        json!({ "settleFunding": { "fund": "F", "class": "revenue", "from": "2025-26", "to": "2028-29", "newMoney": self.amount(), "reannounced": "0.00" } })
    }

    fn sign_off(&mut self, depth: u64) -> Value {
        let proposals = self.ledger.proposals();
        let back = self.random.below(4);
        let index = (proposals.len() as u64).checked_sub(1 + back);
        let found = index.and_then(|index| proposals.get(index as usize)).copied();
        let Some(proposal) = found else {
            return json!({ "propose": { "command": self.command(0), "draft": self.random.one_in(2) } });
        };
        let version = self.ledger.proposal(proposal).map_or(1, |found| found.version);
        let proposed = json!({ "proposal": proposal.get(), "version": version });
        match self.random.below(9) {
            0 => {
                json!({ "propose": { "command": self.command(depth.saturating_sub(2)), "draft": self.random.one_in(2) } })
            }
            1 => json!({ "submitProposal": proposed }),
            2 => {
                json!({ "reviseProposal": { "proposal": proposal.get(), "version": version, "command": self.command(0) } })
            }
            3 => json!({ "withdrawProposal": { "proposal": proposal.get() } }),
            4 => json!({ "rejectProposal": proposed }),
            _ => json!({ "signOff": { "proposals": [proposed] } }),
        }
    }

    fn entry(&mut self) -> u64 {
        let head = self.head();
        let back =
            if self.random.one_in(2) { self.random.below(6) } else { self.random.below(head) };
        head.saturating_sub(back).max(1)
    }

    /// A line: often an open one.
    fn line(&mut self) -> String {
        if !self.random.one_in(4) {
            return self.open_line().to_string();
        }
        let (programme, body, class) =
            (self.random.pick(&PROGRAMMES), self.random.pick(&BODIES), self.random.pick(&CLASSES));
        let year = self.random.pick(&["2025-26", "2026-27", "2026-27", "2027-28"]);
        format!("{programme}/{body}/{year}/{class}")
    }

    pub(crate) fn month(&mut self) -> String {
        format!("M{}", 1 + self.random.below(13))
    }

    /// An amount: near a limit, or all that a line has.
    fn amount(&mut self) -> String {
        let few = [1, 10_000, 4_999_999, 5_000_000, 5_000_001, 9_000_000, 10_000_001];
        let many = [250_000_000, 500_000_000, 500_000_001, 600_000_000];
        let pence = match self.random.below(8) {
            0..=2 => self.random.pick(&few),
            3 | 4 => self.random.pick(&many),
            5 => 999_999_999_999_999,
            _ => {
                let key = self.open_line();
                let line = self.ledger.line(&key).copied().unwrap_or_default();
                let all = [line.revised.get(), line.available().get(), line.actual.get()];
                self.random.pick(&all).unsigned_abs().max(1) as i64
            }
        };
        pounds(pence)
    }

    pub(crate) fn new_reference(&mut self) -> String {
        let reference = format!("PO-{}", self.references.len());
        self.references.push(reference.clone());
        reference
    }

    fn reference(&mut self) -> String {
        let count = self.references.len() as u64;
        let back = self.random.below(8);
        let index = count.saturating_sub(1 + back) as usize;
        self.references.get(index).cloned().unwrap_or_else(|| "PO-0".to_owned())
    }
}

/// An amount as commands have it, within their range.
pub(crate) fn pounds(pence: i64) -> String {
    let pence = pence.min(Pence::LIMIT.get());
    format!("{}.{:02}", pence / 100, pence % 100)
}

fn is_about_sign_off(command: &Value) -> bool {
    let names = [
        "propose",
        "submitProposal",
        "reviseProposal",
        "withdrawProposal",
        "rejectProposal",
        "signOff",
    ];
    names.iter().any(|name| command.get(name).is_some())
}
