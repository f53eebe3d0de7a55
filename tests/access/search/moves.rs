//! The player's moves: every kind of command, on what is within reach and what is not.

use serde_json::{Value, json};

use super::{Game, LINE_OF_RB1, SECRET};

/// A line of RA1.
pub(super) const OWN: &str = "P1/RA1/2018-19/revenue";

const LINES: [&str; 9] = [
    OWN,
    OWN,
    OWN,
    LINE_OF_RB1,
    SECRET,
    "P2/RA1/2018-19/revenue",
    "P1/QA1/2018-19/revenue",
    "SECRET1/RA1/2018-19/revenue",
    "P1/RB1/2019-20/capital",
];
const REFERENCES: [&str; 6] = ["PO-A", "PO-B", "PO-S", "PO-1", "PO-3", "PO-NONE"];
const PROGRAMMES: [&str; 4] = ["P1", "P2", "SECRET", "SECRET1"];
const BODIES: [&str; 4] = ["RA1", "RB1", "QA1", "XDH"];

impl Game {
    /// A posting: the mutation and its input.
    pub(super) fn posting(&mut self) -> (&'static str, Value) {
        match self.random.below(10) {
            0 => {
                let commands: Vec<Value> =
                    (0..=self.random.below(3)).map(|_| self.part()).collect();
                ("postBatch", json!({ "commands": commands }))
            }
            1 | 2 => {
                ("propose", json!({ "commands": [self.part()], "draft": self.random.one_in(2) }))
            }
            3 => {
                let (proposal, version) = self.proposal();
                let commands = json!([self.part()]);
                (
                    "reviseProposal",
                    json!({ "proposal": proposal, "version": version, "commands": commands }),
                )
            }
            4 => {
                let (proposal, version) = self.proposal();
                let of = json!({ "proposal": proposal, "version": version });
                match self.random.below(4) {
                    0 => ("signOff", json!({ "proposals": [of] })),
                    1 => ("rejectProposal", of),
                    2 => ("submitProposal", of),
                    _ => ("withdrawProposal", json!({ "proposal": proposal })),
                }
            }
            5 => {
                let entry = self.entry();
                ("correct", json!({ "entry": entry, "replacement": [self.part()] }))
            }
            _ => {
                let (field, mut input) = self.command();
                if self.random.one_in(8) {
                    let version = self.random.pick(&["0", "13", "14", "15", "16"]);
                    input["expectedVersions"] =
                        json!([{ "line": self.line(), "version": version }]);
                }
                (field, input)
            }
        }
    }

    /// A command within another posting.
    fn part(&mut self) -> Value {
        let (field, input) = self.command();
        json!({ field: input })
    }

    fn command(&mut self) -> (&'static str, Value) {
        let (line, amount) = (self.line(), self.amount());
        let month = "M2";
        match self.random.below(26) {
            0 | 1 => {
                let reference =
                    if self.random.one_in(4) { self.known().to_owned() } else { self.reference() };
                (
                    "commit",
                    json!({ "line": line, "month": month, "amount": amount, "reference": reference }),
                )
            }
            2 => ("releaseCommitment", json!({ "reference": self.known(), "month": month })),
            3 => (
                "accrue",
                json!({ "line": line, "month": month, "amount": amount, "reference": self.reference() }),
            ),
            4 | 5 => {
                let mut input = json!({ "line": line, "month": month, "amount": amount });
                if self.random.one_in(2) {
                    input["discharges"] = json!(self.known());
                }
                ("recordActual", input)
            }
            6 => ("reviseForecast", json!({ "line": line, "month": month, "amount": amount })),
            7 | 8 => {
                let to = json!([{ "line": line, "amount": amount }]);
                (
                    "allocate",
                    json!({ "fund": self.random.pick(&["F", "G", "H"]), "month": month, "to": to }),
                )
            }
            9 => {
                let to = self.random.pick(&["F", "G", "H"]);
                (
                    "cut",
                    json!({ "line": line, "month": month, "amount": amount, "to": { "fund": to } }),
                )
            }
            10..=12 => {
                let part = |line: &str| json!([{ "line": line, "amount": amount }]);
                let to = self.line();
                ("reallocate", json!({ "month": month, "from": part(line), "to": part(to) }))
            }
            13 => ("exchangeBudget", json!({ "line": line, "month": month, "amount": amount })),
            14 => (
                "explainUnderspend",
                json!({ "line": line, "cause": "SLIPPAGE", "amount": amount }),
            ),
            15 => (
                "setProfile",
                json!({ "line": line, "weights": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] }),
            ),
            16..=18 => ("reverse", json!({ "entry": self.entry() })),
            19 => {
                let (programme, to) =
                    (self.random.pick(&PROGRAMMES), self.random.pick(&["F", "G", "H"]));
                (
                    "cancelProgramme",
                    json!({ "programme": programme, "month": month, "to": { "fund": to } }),
                )
            }
            20 => ("closeProgramme", json!({ "code": self.random.pick(&PROGRAMMES) })),
            21 | 22 => self.registration(),
            23 => {
                let to = json!([{ "fund": "G", "amount": amount }]);
                (
                    "earmark",
                    json!({ "fund": self.random.pick(&["F", "H"]), "class": "REVENUE", "to": to }),
                )
            }
            24 => ("closePeriod", json!({ "year": "2018-19", "month": "M1", "close": "SOFT" })),
            _ => {
                let (by, deteriorated) = (self.random.pick(&BODIES), self.random.pick(&BODIES));
                (
                    "linkOffset",
                    json!({ "by": by, "deteriorated": deteriorated, "year": "2018-19", "amount": amount }),
                )
            }
        }
    }

    fn registration(&mut self) -> (&'static str, Value) {
        let code = self.reference().replace("S-", "N");
        match self.random.below(5) {
            0 => {
                let kind = self.random.pick(&["ICB", "TRUST", "NATIONAL_BODY", "GP_PRACTICE"]);
                (
                    "registerBody",
                    json!({ "code": code, "name": "N", "kind": kind, "parent": self.random.pick(&BODIES) }),
                )
            }
            1 => (
                "openProgramme",
                json!({ "code": code, "name": "N", "parent": self.random.pick(&PROGRAMMES) }),
            ),
            2 => ("renameProgramme", json!({ "code": self.random.pick(&PROGRAMMES), "name": "N" })),
            3 => (
                "establishFund",
                json!({ "code": code, "name": "N", "parent": self.random.pick(&["F", "H"]) }),
            ),
            _ => ("defineScope", json!({ "code": code, "name": "N" })),
        }
    }

    fn line(&mut self) -> &'static str {
        self.random.pick(&LINES)
    }

    fn known(&mut self) -> &'static str {
        self.random.pick(&REFERENCES)
    }

    fn amount(&mut self) -> &'static str {
        self.random.pick(&["1.00", "5.00", "60.00", "180.00", "900.00", "2900.00", "50000.01"])
    }

    fn entry(&mut self) -> String {
        let head = self.books[0].head();
        let back =
            if self.random.one_in(2) { self.random.below(6) } else { self.random.below(head) };
        (head - back.min(head - 1)).to_string()
    }

    /// A proposal, often one of the player's own, and its version.
    fn proposal(&mut self) -> (String, u64) {
        let own: Vec<u64> = self.made.iter().copied().collect();
        let proposal = if own.is_empty() || self.random.one_in(2) {
            20 + self.random.below(self.books[0].head() - 19)
        } else {
            self.random.pick(&own)
        };
        (proposal.to_string(), 1 + self.random.below(2))
    }
}
