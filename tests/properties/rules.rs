//! Whatever is posted, the rules held when it was: nothing left a line or fund that was not there,
//! nothing was discharged that was not open, and no closed month took anything.

use std::collections::{BTreeMap, BTreeSet};

use ledger_tests::rounds;
use serde_json::Value;

use crate::live_book::LiveBook;
use crate::oracle::{Line, number_of};
use crate::stream::Stream;

/// What a reader of the lines knows, event by event.
#[derive(Default)]
struct Watch {
    /// By account: budget, and of lines what spend, accruals and commitments take of it.
    balances: BTreeMap<String, i128>,
    taken: BTreeMap<String, i128>,
    open: BTreeMap<String, i128>,
    closed: BTreeSet<(String, u8)>,
    hard: BTreeSet<(String, u8)>,
    shut: BTreeSet<String>,
    /// What came to lines of programmes that are shut, in the entry at hand.
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

impl Watch {
    fn entry(&mut self, line: &str) {
        let entry: Value = serde_json::from_str(line).unwrap();
        let events = entry["events"].as_array().unwrap();
        let mut out_of = BTreeSet::new();
        // How many of the next events a reversal consists of: it is judged as a whole, everything
        // else event by event.
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
        assert_eq!(undone, 0, "a reversal consists of events of its entry: {line}");
        // What comes to a cancelled programme goes on to its destination, unless a warning says
        // that it cannot.
        let stays =
            entry.get("warnings").is_some_and(|all| all.to_string().contains("freedMoneyStays"));
        for (account, came) in std::mem::take(&mut self.came) {
            let available = self.available(&account);
            // A reversed cancellation opens the programme again once its money is back.
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
                assert!(!self.hard.contains(&period), "{period:?} was closed for good");
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
        // A reversed commitment is placed where there is room: it releases one.
        let is_undone = name == "committed" && pence(event) < 0;
        if month == 13 && !spends.contains(&name) && !is_undone {
            self.found.push(format!("{name} in M13: {line}"));
        }
    }
}

#[test]
fn what_is_posted_kept_to_the_rules_when_it_was() {
    for seed in 9000..9000 + rounds(400, 30) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let mut watch = Watch::default();
        book.export().lines().for_each(|line| watch.entry(line));
        assert_eq!(watch.found, Vec::<String>::new(), "seed {seed}");
    }
}
