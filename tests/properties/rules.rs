//! Every posted entry kept the rules: money left only where it was available, only open obligations
//! were discharged, and closed months took nothing.

use std::collections::{BTreeMap, BTreeSet};

use ledger_tests::rounds;
use serde_json::Value;

use crate::live_book::LiveBook;
use crate::oracle::{Line, number_of};
use crate::stream::Stream;

/// The facts known to a reader of the lines, event by event.
#[derive(Default)]
struct RuleChecker {
    /// By account: budget, less the spend, accruals and commitments of lines.
    balances: BTreeMap<String, i128>,
    taken: BTreeMap<String, i128>,
    open: BTreeMap<String, i128>,
    closed: BTreeSet<(String, u8)>,
    hard: BTreeSet<(String, u8)>,
    shut: BTreeSet<String>,
    /// The amounts this entry moves to lines of closed or cancelled programmes.
    came: BTreeMap<String, i128>,
    found: Vec<String>,
}

fn pence(value: &Value) -> i128 {
    i128::from(value["pence"].as_i64().unwrap())
}

fn count(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

impl RuleChecker {
    fn entry(&mut self, line: &str) {
        let entry: Value = serde_json::from_str(line).unwrap();
        let events = entry["events"].as_array().unwrap();
        let mut out_of = BTreeSet::new();
        // The number of next events that belong to a reversal. A reversal is judged whole, other
        // events one by one.
        let mut undone = 0;
        for (place, event) in events.iter().enumerate() {
            let (name, event) = event.as_object().unwrap().iter().next().unwrap();
            if name == "reversed" {
                let rest = events.len() - place - 1;
                undone = event.get("events").map_or(rest, count) + 1;
            }
            self.event(name, event, &mut out_of, line);
            undone = undone.saturating_sub(1);
            if undone == 0 {
                self.judge(&out_of, line);
                out_of.clear();
            }
        }
        assert_eq!(undone, 0, "a reversal continues beyond its entry: {line}");
        // Money that reaches a cancelled programme moves on to its destination, unless a warning
        // says that it cannot.
        let stays =
            entry.get("warnings").is_some_and(|all| all.to_string().contains("freedMoneyStays"));
        for (account, came) in std::mem::take(&mut self.came) {
            let available = self.available(&account);
            // A reversed cancellation reopens the programme once its money is back.
            let is_shut = self.shut.contains(account.split('/').next().unwrap());
            if is_shut && came > 0 && available > 0 && !stays {
                self.found.push(format!("{account} is shut and has {available}: {line}"));
            }
        }
        for (reference, open) in &self.open {
            if *open < 0 {
                self.found.push(format!("{reference} has {open} open: {line}"));
            }
        }
    }

    fn available(&self, account: &str) -> i128 {
        self.balances[account] - self.taken.get(account).copied().unwrap_or(0)
    }

    fn judge(&mut self, out_of: &BTreeSet<String>, line: &str) {
        for account in out_of {
            let available = self.available(account);
            if available < 0 {
                self.found.push(format!("{account} has {available} available: {line}"));
            }
        }
    }

    fn event(&mut self, name: &str, event: &Value, out_of: &mut BTreeSet<String>, line: &str) {
        match name {
            "periodClosed" | "periodReopened" => return self.period(name, event),
            "programmeClosed" => {
                self.shut.insert(text(event, "code"));
            }
            "programmeCancelled" | "programmeReinstated" => {
                for code in event["programmes"].as_array().unwrap() {
                    let code = code.as_str().unwrap().to_owned();
                    if name == "programmeCancelled" {
                        self.shut.insert(code);
                    } else {
                        self.shut.remove(&code);
                    }
                }
            }
            _ => {}
        }
        let mut net: BTreeMap<String, i128> = BTreeMap::new();
        for leg in event.get("legs").and_then(Value::as_array).unwrap_or(&Vec::new()) {
            if let Some(account) = leg.get("line").or_else(|| leg.get("fund")) {
                *net.entry(account.as_str().unwrap().to_owned()).or_default() += pence(leg);
            }
        }
        for (account, pence) in net {
            *self.balances.entry(account.clone()).or_default() += pence;
            let programme = account.split('/').next().unwrap();
            if account.split('/').count() > 2 && self.shut.contains(programme) {
                *self.came.entry(account.clone()).or_default() += pence;
            }
            if pence < 0 {
                out_of.insert(account);
            }
        }
        self.spend(name, event);
        if let Some(month) = event.get("month") {
            self.month(name, event, number_of(month.as_str().unwrap()), line);
        }
    }

    fn period(&mut self, name: &str, event: &Value) {
        let year = text(event, "year");
        let months = match event.get("month") {
            Some(month) => vec![number_of(month.as_str().unwrap())],
            None => (1..=13).collect(),
        };
        for month in months {
            let period = (year.clone(), month);
            if name == "periodReopened" {
                assert!(!self.hard.contains(&period), "{period:?} was hard-closed");
                self.closed.remove(&period);
            } else {
                if event["close"] == "hard" {
                    self.hard.insert(period.clone());
                }
                self.closed.insert(period);
            }
        }
    }

    fn spend(&mut self, name: &str, event: &Value) {
        let sign = match name {
            "committed" | "accrued" | "actualRecorded" => 1,
            "commitmentReleased" | "accrualReleased" => -1,
            _ => return,
        };
        let account = text(event, "line");
        let mut amount = sign * pence(event);
        if let Some(reference) = event.get("reference") {
            let reference = reference.as_str().unwrap().to_owned();
            *self.open.entry(reference).or_default() += amount;
        }
        if let Some(taken) = event.get("discharges") {
            amount -= pence(taken);
            *self.open.entry(text(taken, "reference")).or_default() -= pence(taken);
        }
        *self.taken.entry(account.clone()).or_default() += amount;
        self.balances.entry(account).or_default();
    }

    fn month(&mut self, name: &str, event: &Value, month: u8, line: &str) {
        let mut years = BTreeSet::new();
        let legs = event.get("legs").and_then(Value::as_array);
        let lines = legs.into_iter().flatten().filter_map(|leg| leg.get("line"));
        for account in lines.chain(event.get("line")) {
            years.insert(Line::parse(account.as_str().unwrap()).year);
        }
        for (index, year) in years.into_iter().enumerate() {
            let month = if index == 0 { month } else { 1 };
            if self.closed.contains(&(year.clone(), month)) && name != "periodClosed" {
                self.found.push(format!("M{month} of {year} is closed: {line}"));
            }
        }
        let spends = ["accrued", "actualRecorded", "commitmentReleased", "accrualReleased"];
        // A reversed commitment may go to another month: it is a release.
        let is_undone = name == "committed" && pence(event) < 0;
        if month == 13 && !spends.contains(&name) && !is_undone {
            self.found.push(format!("{name} in M13: {line}"));
        }
    }
}

#[test]
fn every_posted_entry_kept_the_rules_when_it_was_posted() {
    for seed in 9000..9000 + rounds(400, 30) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let mut checker = RuleChecker::default();
        book.export().lines().for_each(|line| checker.entry(line));
        assert_eq!(checker.found, Vec::<String>::new(), "seed {seed}");
    }
}
