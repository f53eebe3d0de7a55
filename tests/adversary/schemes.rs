//! Schemes: moves in a row that try together what none of them can alone.

use std::collections::VecDeque;

use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::money::Pence;
use serde_json::{Value, json};

use crate::game::{BODIES, Game};
use crate::moves::pounds;

/// A scheme in progress.
#[derive(Default)]
pub(crate) struct Scheme {
    pub(crate) player: &'static str,
    pub(crate) moves: VecDeque<Value>,
}

impl Game {
    /// A new scheme.
    pub(crate) fn scheme(&mut self) -> Scheme {
        let moves = match self.random.below(40) {
            0..=12 => self.frees_later(),
            13..=25 => self.undoes_together(),
            26..=31 => self.exchanges_in_a_circle(),
            32..=38 => self.moves_a_credit(),
            _ => self.floods(),
        };
        Scheme { player: self.player(), moves: moves.into() }
    }

    /// Ties up a line's money, cancels its programme, and sets the money free: it follows the
    /// cancellation.
    fn frees_later(&mut self) -> Vec<Value> {
        let line = self.open_line();
        let available = self.ledger.line(&line).map_or(Pence::ZERO, |line| line.available());
        let reference = self.new_reference();
        let month = self.month();
        let to = self.destination();
        vec![
            json!({ "commit": { "line": line, "month": month, "amount": pounds(available.get().max(1)), "reference": reference } }),
            json!({ "cancelProgramme": { "programme": line.programme, "to": to, "month": month } }),
            json!({ "releaseCommitment": { "reference": reference, "month": month } }),
        ]
    }

    /// Posts two acts as one entry, moves away what they make available, and reverses the entry.
    fn undoes_together(&mut self) -> Vec<Value> {
        let line = self.open_line();
        let reference = self.new_reference();
        let month = self.month();
        let commit = json!({ "commit": { "line": line, "month": month, "amount": "50.00", "reference": reference } });
        let release = json!({ "releaseCommitment": { "reference": reference, "month": month } });
        let receive = json!({ "allocate": { "fund": "F", "month": month, "to": [{ "line": line, "amount": "50.00" }] } });
        let left = self.ledger.line(&line).map_or(0, |line| line.available().get());
        let leave = json!({ "cut": { "line": line, "amount": pounds(left.max(0) + 5_000), "month": month, "to": { "fund": "F" } } });
        let entry = self.head() + 2;
        let undo = json!({ "reverse": { "entry": entry } });
        vec![commit, json!({ "batch": [release, receive] }), leave, undo]
    }

    /// Carries budget through line after line, and exchanges a share of each.
    fn exchanges_in_a_circle(&mut self) -> Vec<Value> {
        let (from, month) = (self.open_line(), self.month());
        let (amount, share) =
            self.random.pick(&[("4900000.00", "36700.00"), ("900000.00", "13400.00")]);
        let carry = |from, to| {
            let part = |line| json!([{ "line": line, "amount": amount }]);
            json!({ "reallocate": { "month": month, "from": part(from), "to": part(to) } })
        };
        let mut moves = Vec::new();
        for _ in 0..4 {
            let mut to = from;
            (to.programme, to.body) =
                (self.programme(), self.random.pick(&BODIES).parse().unwrap());
            moves.push(carry(from, to));
            moves
                .push(json!({ "exchangeBudget": { "line": to, "amount": share, "month": month } }));
            moves.push(carry(to, from));
        }
        moves
    }

    /// Records a credit, moves the money away as budget, and reverses the credit.
    fn moves_a_credit(&mut self) -> Vec<Value> {
        let (line, month) = (self.open_line(), self.month());
        let mut to = line;
        to.programme = self.programme();
        let part = |line| json!([{ "line": line, "amount": "40000.00" }]);
        let entry = self.head() + 1;
        vec![
            json!({ "recordActual": { "line": line, "month": month, "amount": "-40000.00" } }),
            json!({ "reallocate": { "month": month, "from": part(line), "to": part(to) } }),
            json!({ "reverse": { "entry": entry } }),
        ]
    }

    /// Posts the greatest amounts, as many as it can.
    fn floods(&mut self) -> Vec<Value> {
        let line = format!("SUSPENSE/XDH/{}/revenue", self.year());
        let month = self.current_month();
        let batch = |count, pence| {
            let forecast = json!({ "reviseForecast": { "line": line, "month": month, "series": "internal", "amount": pounds(pence) } });
            json!({ "batch": std::iter::repeat_n(forecast, count).collect::<Vec<Value>>() })
        };
        // Where the last great one is refused, smaller ones follow.
        let greatest = Pence::LIMIT.get();
        let great = std::iter::repeat_n(250, 40).chain([125, 62, 31, 15, 7, 3, 1]);
        let small = (1..40).map(|halved| batch(1, (greatest >> halved).max(1)));
        let open = json!({ "allocate": { "fund": "F", "month": month, "to": [{ "line": line, "amount": "0.00" }] } });
        std::iter::once(open)
            .chain(great.map(|count| batch(count, greatest)))
            .chain(small)
            .collect()
    }

    fn programme(&mut self) -> ProgrammeCode {
        self.random.pick(&["WIFI", "CYBER", "SITES", "MASTS"]).parse().unwrap()
    }
}
