//! Computes sign-off from the lines of the log alone, entry by entry. It shares no code with the
//! program.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A proposal.
#[derive(Debug, Default)]
pub(crate) struct Proposal {
    pub(crate) version: u64,
    pub(crate) status: String,
    preparers: BTreeSet<String>,
    command: Value,
    steps: Vec<(String, String)>,
    /// The signers, each with the person they signed for.
    pub(crate) signatures: Vec<(String, Option<String>)>,
}

/// A delegation that has not been ended.
#[derive(Debug)]
struct Delegation {
    from: String,
    to: String,
    capacity: (String, String),
    begins: String,
    ends: String,
}

/// Every proposal, and the amounts they posted.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    pub(crate) proposals: BTreeMap<u64, Proposal>,
    delegations: BTreeMap<u64, Delegation>,
    /// By line, in pence.
    pub(crate) allocated: BTreeMap<String, i64>,
    pub(crate) posted: u64,
    pub(crate) delegated: u64,
    /// Postings without the necessary signatures.
    pub(crate) found: Vec<String>,
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

fn capacity(value: &Value) -> (String, String) {
    (text(value, "tier"), text(value, "body"))
}

fn pence(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

impl Oracle {
    pub(crate) fn of(lines: &[String]) -> Self {
        let mut oracle = Oracle::default();
        for line in lines {
            oracle.entry(&serde_json::from_str(line).unwrap());
        }
        oracle
    }

    fn entry(&mut self, entry: &Value) {
        let position = entry["position"].as_u64().unwrap();
        // The amounts the signatures of this entry allow, by line.
        let mut may_come: BTreeMap<String, i64> = BTreeMap::new();
        let mut is_about_proposals = false;
        for event in entry["events"].as_array().unwrap() {
            if let Some(event) = event.get("proposal") {
                is_about_proposals = true;
                let (name, event) = event.as_object().unwrap().iter().next().unwrap();
                if let Err(why) = self.happens(position, entry, name, event, &mut may_come) {
                    self.found.push(format!("{position}: {why}: {entry}"));
                }
            } else if let Some(event) = event.get("delegation") {
                self.delegation(position, event);
            } else if let Some(event) = event.get("allocated") {
                for leg in event["legs"].as_array().unwrap() {
                    let Some(line) = leg["line"].as_str() else { continue };
                    let pence = leg["pence"].as_i64().unwrap();
                    *self.allocated.entry(line.to_owned()).or_default() += pence;
                    if is_about_proposals {
                        *may_come.entry(line.to_owned()).or_default() -= pence;
                    } else if !line.starts_with("BASE/") && pence > 5_000_000 {
                        self.found.push(format!("{position}: unsigned: {entry}"));
                    }
                }
            }
        }
        if may_come.values().any(|pence| *pence != 0) {
            self.found.push(format!("{position}: not what was proposed: {may_come:?}: {entry}"));
        }
    }

    fn happens(
        &mut self,
        position: u64,
        entry: &Value,
        name: &str,
        event: &Value,
        may_come: &mut BTreeMap<String, i64>,
    ) -> Result<(), String> {
        let id = event.get("proposal").map_or(position, |id| id.as_u64().unwrap());
        if text(event, "by") != text(entry, "actor") {
            return Err("the event names another person than the entry's actor".into());
        }
        let is_new = !self.proposals.contains_key(&id);
        if is_new != (id == position) {
            return Err(format!("{id} is no proposal"));
        }
        let proposal = self.proposals.entry(id).or_default();
        if !is_new && proposal.status != "submitted" {
            return Err(format!("{id} is {}", proposal.status));
        }
        let by = text(event, "by");
        match name {
            "submitted" => {
                if event["version"] != proposal.version + 1 {
                    return Err(format!("{id} was at {}", proposal.version));
                }
                proposal.version += 1;
                proposal.status = "submitted".into();
                proposal.preparers.insert(by);
                proposal.command = event["command"].clone();
                proposal.steps = event["steps"].as_array().unwrap().iter().map(capacity).collect();
                proposal.signatures.clear();
                if proposal.steps.is_empty() {
                    return Err("a proposal without steps".into());
                }
            }
            "withdrawn" => {
                proposal.status = "withdrawn".into();
                if !proposal.preparers.contains(&by) {
                    return Err("withdrawn by a person who did not make it".into());
                }
            }
            "rejected" => {
                proposal.status = "rejected".into();
                let asked = capacity(&event["capacity"]);
                if event["version"] != proposal.version || proposal.preparers.contains(&by) {
                    return Err("rejected in another version, or by a preparer".into());
                }
                if !proposal.steps[proposal.signatures.len()..].contains(&asked) {
                    return Err("rejected by a person it does not wait for".into());
                }
            }
            "signed" => self.signed(id, entry, event, may_come)?,
            other => return Err(format!("{other} is not known here")),
        }
        Ok(())
    }

    fn signed(
        &mut self,
        id: u64,
        entry: &Value,
        event: &Value,
        may_come: &mut BTreeMap<String, i64>,
    ) -> Result<(), String> {
        let by = text(event, "by");
        let now = text(entry, "recorded");
        let as_what = capacity(&event["capacity"]);
        let mut behalf = None;
        if let Some(delegation) = event.get("delegation") {
            let found = self.delegations.get(&delegation.as_u64().unwrap());
            let found = found.ok_or("a delegation that is unknown or ended")?;
            let holds = found.to == by
                && found.capacity == as_what
                && found.begins <= now
                && now < found.ends;
            if !holds {
                return Err("a delegation of another capacity or date".into());
            }
            behalf = Some(found.from.clone());
            self.delegated += 1;
        }
        let proposal = self.proposals.get_mut(&id).unwrap();
        if event["version"] != proposal.version {
            return Err(format!("signs a version superseded by version {}", proposal.version));
        }
        let step = proposal.signatures.len();
        if event["step"] != step || proposal.steps[step] != as_what {
            return Err(format!("step {step} is not the next one"));
        }
        for person in [Some(&by), behalf.as_ref()].into_iter().flatten() {
            let has_signed = |(signed, behalf): &(String, Option<String>)| {
                signed == person || behalf.as_ref() == Some(person)
            };
            if proposal.preparers.contains(person) || proposal.signatures.iter().any(has_signed) {
                return Err(format!("{person} already made or signed it"));
            }
        }
        proposal.signatures.push((by, behalf));
        let is_last = proposal.signatures.len() == proposal.steps.len();
        if event["posts"] != is_last {
            return Err("posts before or after the last step".into());
        }
        if is_last {
            proposal.status = "posted".into();
            self.posted += 1;
            for part in proposal.command["allocate"]["to"].as_array().unwrap() {
                *may_come.entry(text(part, "line")).or_default() += pence(&part["amount"]);
            }
        }
        Ok(())
    }

    fn delegation(&mut self, position: u64, event: &Value) {
        if let Some(given) = event.get("given") {
            let delegation = Delegation {
                from: text(given, "from"),
                to: text(given, "to"),
                capacity: capacity(&given["capacity"]),
                begins: text(given, "begins"),
                ends: text(given, "ends"),
            };
            self.delegations.insert(position, delegation);
        } else {
            let ended = event["ended"]["delegation"].as_u64().unwrap();
            if self.delegations.remove(&ended).is_none() {
                self.found.push(format!("{position}: ends a delegation twice"));
            }
        }
    }
}
