//! Proposals, policies and systems from the lines.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Kind, Line, Oracle};

/// A proposal as at a position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProposalState {
    pub(crate) version: u64,
    pub(crate) status: &'static str,
    pub(crate) makers: BTreeSet<String>,
    /// Tier and body of each step of this version.
    pub(crate) steps: Vec<(String, String)>,
    pub(crate) signed: Vec<String>,
    /// Figure, account and change.
    pub(crate) effects: Vec<((String, String), i128)>,
}

/// Sums of pence by key.
pub(crate) type Sums<K> = BTreeMap<K, i128>;

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

impl Oracle {
    fn happened<'a>(&'a self, what: &'a str, at: u64) -> impl Iterator<Item = (u64, &'a Value)> {
        let all = self.signed.iter().filter(move |(position, ..)| *position <= at);
        all.filter(move |(_, name, _)| name == what).map(|(position, _, event)| (*position, event))
    }

    /// Every proposal made by a position.
    pub(crate) fn proposals(&self, at: u64) -> BTreeMap<u64, ProposalState> {
        let mut proposals: BTreeMap<u64, ProposalState> = BTreeMap::new();
        for (position, event) in self.happened("proposal", at) {
            let (name, event) = event.as_object().unwrap().iter().next().unwrap();
            let id = event.get("proposal").map_or(position, |id| id.as_u64().unwrap());
            let found = proposals.entry(id).or_default();
            match &**name {
                "drafted" | "submitted" => {
                    found.version = event["version"].as_u64().unwrap();
                    found.status = if name == "drafted" { "draft" } else { "submitted" };
                    found.makers.insert(text(event, "by"));
                    found.signed.clear();
                    let of = |name: &str| event[name].as_array().cloned().unwrap_or_default();
                    let step = |step: &Value| (text(step, "tier"), text(step, "body"));
                    found.steps = of("steps").iter().map(step).collect();
                    let effect = |effect: &Value| {
                        let leg = &effect["leg"];
                        let account = leg.get("line").or_else(|| leg.get("fund")).unwrap();
                        let account = account.as_str().unwrap().to_owned();
                        ((text(effect, "figure"), account), leg["pence"].as_i64().unwrap().into())
                    };
                    found.effects = of("effects").iter().map(effect).collect();
                }
                "signed" => {
                    found.signed.push(text(event, "by"));
                    if event["posts"] == true {
                        found.status = "posted";
                    }
                }
                "rejected" => found.status = "rejected",
                "withdrawn" => found.status = "withdrawn",
                "reviewRequested" | "reviewed" => {}
                other => panic!("the oracle does not know {other}"),
            }
        }
        proposals
    }

    /// The changes if everything pending were posted.
    pub(crate) fn if_all_were_posted(&self, at: u64) -> Sums<(String, String)> {
        let mut sums = Sums::new();
        for proposed in self.proposals(at).into_values().filter(|one| one.status == "submitted") {
            for (of, pence) in proposed.effects {
                *sums.entry(of).or_default() += pence;
            }
        }
        sums
    }

    /// The delegations given by a position, each with the entry that ended it.
    pub(crate) fn delegations(&self, at: u64) -> Vec<(u64, Option<u64>)> {
        let ends = |id: u64| {
            let mut ended = self.happened("delegation", at);
            ended.find(|(_, e)| e["ended"]["delegation"] == id).map(|(position, _)| position)
        };
        let given = self.happened("delegation", at).filter(|(_, e)| e.get("given").is_some());
        given.map(|(position, _)| (position, ends(position))).collect()
    }

    /// The entry of the policy in force at a moment: the last one effective by then.
    pub(crate) fn policy(&self, at: u64, time: &str) -> u64 {
        let adopted = self.happened("policyAdopted", at);
        let holds = adopted.filter(|(_, event)| event["effective"].as_str().unwrap() <= time);
        holds.map(|(position, _)| position).last().unwrap_or(1)
    }

    /// The ICB that oversees a body: the highest on its path.
    fn system(&self, body: &str) -> Option<String> {
        let mut path = Self::path(&self.bodies, body).into_iter();
        path.rfind(|code| self.kinds.get(code).is_some_and(|kind| kind == "icb"))
    }

    /// By how much each body's reported revenue forecast exceeds its budget.
    fn above_budget(&self, year: &str, at: u64) -> Sums<String> {
        let mut sums = Sums::new();
        let of_year = |line: &Line| line.year == year && line.class == "revenue";
        for line in self.lines(at).into_iter().filter(of_year) {
            if let Some(forecast) = self.forecast(&line, "reported", at, 13) {
                let over = forecast.pence - self.sum(&line, Kind::Revised, at, 13);
                *sums.entry(line.body).or_default() += over;
            }
        }
        sums
    }

    /// A system's regime, and the missing offset of each body above its budget.
    pub(crate) fn regime(&self, system: &str, year: &str, at: u64) -> (String, Sums<String>) {
        let mut sums = self.above_budget(year, at);
        sums.retain(|body, _| self.system(body).as_deref() == Some(system));
        let mut lacks: Sums<String> = sums.clone();
        lacks.retain(|_, pence| *pence > 0);
        let mut left: Sums<String> = sums.into_iter().map(|(body, over)| (body, -over)).collect();
        for (_, link) in self.happened("offsetLinked", at).filter(|(_, link)| link["year"] == year)
        {
            let (by, body) = (text(link, "by"), text(link, "deteriorated"));
            let (Some(left), Some(lack)) = (left.get_mut(&by), lacks.get_mut(&body)) else {
                continue;
            };
            let counts = i128::from(link["pence"].as_i64().unwrap()).min(*left).min(*lack).max(0);
            *left -= counts;
            *lack -= counts;
        }
        let regime = match () {
            () if lacks.is_empty() => "none",
            () if lacks.values().all(|lack| *lack == 0) => "providerDeteriorated",
            () => "systemDeficit",
        };
        (regime.to_owned(), lacks)
    }
}
