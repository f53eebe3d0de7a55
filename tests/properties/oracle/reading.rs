//! Reads the lines of entries into the oracle.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Change, Flow, Kind, Line, Oracle, Registration, StatedForecast, Withdrawal, number_of,
};

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

fn optional(value: &Value, name: &str) -> Option<String> {
    value.get(name).map(|text| text.as_str().unwrap().to_owned())
}

fn pence(value: &Value) -> i128 {
    i128::from(value["pence"].as_i64().unwrap())
}

fn month(value: &Value) -> u8 {
    number_of(value["month"].as_str().unwrap())
}

fn line(value: &Value) -> Line {
    Line::parse(value["line"].as_str().unwrap())
}

impl Oracle {
    /// Reads an export.
    pub(crate) fn of(lines: &str) -> Self {
        let mut oracle = Oracle::default();
        for line in lines.lines() {
            oracle.read(line);
        }
        oracle
    }

    /// Reads the next line.
    pub(crate) fn read(&mut self, line: &str) {
        let entry: Value = serde_json::from_str(line).unwrap();
        let position = entry["position"].as_u64().unwrap();
        assert_eq!(position, self.head() + 1, "positions have a gap");
        let recorded = text(&entry, "recorded");
        let before = self.entries.last().map(|(before, _)| before.clone()).unwrap_or_default();
        assert!(before <= recorded, "recorded time goes back at {position}");
        self.entries.push((recorded, entry.get("inferred").is_some()));
        let key = (text(&entry, "actor"), text(&entry, "key"));
        let used = self.keys.insert(key, (position, text(&entry, "command")));
        assert_eq!(used, None, "the key of {position} already posted another entry");
        for event in entry["events"].as_array().unwrap() {
            let (name, event) = event.as_object().unwrap().iter().next().unwrap();
            self.order += 1;
            self.event(position, name, event);
        }
    }

    fn event(&mut self, at: u64, name: &str, event: &Value) {
        match name {
            "allocated" | "cut" | "reallocated" | "withdrawn" | "lineSplit" | "budgetExchanged" => {
                self.movement(at, event);
            }
            "committed" => {
                self.obligation(at, event, Kind::Committed, 1);
            }
            "commitmentReleased" => {
                self.obligation(at, event, Kind::Committed, -1);
            }
            "accrued" => {
                self.adjust(at, event, &line(event), Kind::Accrued, pence(event));
                if let Some(year) = optional(event, "concerns") {
                    self.concerned.insert(text(event, "reference"), year);
                }
                self.obligation(at, event, Kind::Accrued, 1);
                self.discharge(at, event);
            }
            "accrualReleased" => {
                self.obligation(at, event, Kind::Accrued, -1);
                self.accrual_ended(at, event, &line(event), pence(event));
            }
            "actualRecorded" => {
                // What pays an accrual of a closed year counts only by the difference.
                let paid = event.get("discharges").filter(|taken| taken.get("year").is_some());
                let counted = pence(event) - paid.map_or(0, pence);
                self.change(at, line(event), month(event), Kind::Actual, counted);
                if optional(event, "concerns").is_some() {
                    self.change(at, line(event), month(event), Kind::Prior, counted);
                }
                match paid {
                    Some(paid) => self.open(at, text(paid, "reference"), -pence(paid)),
                    None => self.discharge(at, event),
                }
                // Last: the payment follows the end of the accrual it pays.
                self.adjust(at, event, &line(event), Kind::Actual, counted);
            }
            "forecastRevised" => self.forecast_stated(at, event),
            "forecastWithdrawn" => self.forecast_withdrawn(at, event),
            "underspendExplained" => {
                self.name_line(at, &line(event));
                self.explained.push((at, line(event), pence(event)));
            }
            "profileSet" => {
                let weights = event["profile"].as_array().unwrap();
                let weights = weights.iter().map(|weight| i128::from(weight.as_u64().unwrap()));
                self.name_line(at, &line(event));
                self.profiles.push((at, line(event), weights.collect()));
            }
            "baselineStruck" => {
                let (year, name) = (text(event, "year"), text(event, "name"));
                self.baselines.push((at, year, name, self.order));
            }
            "baselineWithdrawn" => {
                self.unstruck.push((at, text(event, "year"), text(event, "name")));
            }
            "periodClosed" => {
                let month = optional(event, "month").map(|month| number_of(&month));
                let close = optional(event, "close");
                self.closes.push((at, text(event, "year"), month, close));
            }
            "periodReopened" => {
                self.closes.push((at, text(event, "year"), Some(month(event)), None));
            }
            "fundingSettled" => self.settlement(at, event),
            "earmarked" => self.fund_legs(at, event, "earmarked"),
            "fundCancelled" => {
                let legs = event["legs"].as_array().unwrap();
                let leaves = legs.iter().any(|leg| leg.get("outside").is_some());
                self.fund_legs(at, event, if leaves { "cancelled" } else { "earmarked" });
            }
            "bookOpened" => self.opening(at, event),
            "bodyRegistered" => {
                self.kinds.insert(text(event, "code"), text(event, "kind"));
                register(&mut self.bodies, at, event);
            }
            "proposal" | "delegation" | "offsetLinked" | "policyAdopted" => {
                self.signed.push((at, name.to_owned(), event.clone()));
            }
            "programmeOpened" => register(&mut self.programmes, at, event),
            "fundEstablished" => register(&mut self.funds, at, event),
            "programmeRenamed" => {
                let programme = self.programmes.get_mut(&text(event, "code")).unwrap();
                programme.names.push((at, text(event, "name")));
            }
            "bodiesMerged" => {
                for from in event["from"].as_array().unwrap() {
                    let from = from.as_str().unwrap().to_owned();
                    self.merged.push((at, from, text(event, "into")));
                }
            }
            "bodyClosed"
            | "programmeClosed"
            | "programmeCancelled"
            | "programmeReinstated"
            | "scopeDefined"
            | "figurePublished"
            | "reversed" => {}
            other => panic!("the oracle does not know {other}"),
        }
    }

    fn opening(&mut self, at: u64, event: &Value) {
        let department = text(event, "department");
        let named =
            |name: String| Registration { position: at, parent: None, names: vec![(at, name)] };
        self.bodies.insert(department, named(text(event, "name")));
        for (code, name) in [
            ("SUSPENSE", "Suspense: destination not known"),
            ("EXCHANGE", "Budget exchanged from the year before"),
        ] {
            self.programmes.insert(code.to_owned(), named(name.to_owned()));
        }
        let share = text(&event["policy"], "underspendingShare");
        let (whole, part) = share.split_once('.').unwrap_or((&share, ""));
        let digits: i128 = format!("{whole}{part}").parse().unwrap();
        self.underspending = (digits, 10_i128.pow(part.len() as u32));
    }

    fn name_line(&mut self, at: u64, line: &Line) {
        self.named.entry(line.clone()).or_default().push(at);
    }

    fn change(&mut self, position: u64, line: Line, month: u8, kind: Kind, pence: i128) {
        self.name_line(position, &line);
        self.changes.push(Change { position, order: self.order, line, month, kind, pence });
    }

    fn adjust(&mut self, at: u64, event: &Value, line: &Line, kind: Kind, pence: i128) {
        if let Some(year) = optional(event, "concerns") {
            self.adjusted.push((at, year, line.clone(), kind, pence));
        }
    }

    /// Spend that discharges an accrual concerns the year the accrual concerns.
    fn accrual_ended(&mut self, at: u64, ends: &Value, line: &Line, pence: i128) {
        if let Some(year) = self.concerned.get(&text(ends, "reference")) {
            self.adjusted.push((at, year.clone(), line.clone(), Kind::Accrued, -pence));
        }
    }

    fn movement(&mut self, at: u64, event: &Value) {
        let legs = event["legs"].as_array().unwrap();
        let lines = legs.iter().filter(|leg| leg.get("line").is_some());
        let first_year = lines.clone().map(|leg| line(leg).year).min().unwrap();
        for leg in lines {
            let line = line(leg);
            // Exchanged money arrives in M1 of the next year.
            let month = if line.year == first_year { month(event) } else { 1 };
            self.adjust(at, event, &line, Kind::Revised, pence(leg));
            self.change(at, line, month, Kind::Revised, pence(leg));
        }
        self.fund_legs(at, event, "allocated");
    }

    fn settlement(&mut self, at: u64, event: &Value) {
        let pot = format!("{}/{}", text(event, "fund"), text(event, "class"));
        for leg in event["legs"].as_array().unwrap() {
            let why = match leg.get("outside").and_then(Value::as_str) {
                Some("treasury") => "new",
                Some("existingBudgets") => "reannounced",
                Some(other) => panic!("the oracle does not know {other}"),
                None => continue,
            };
            let (account, pence) = (pot.clone(), -pence(leg));
            self.flows.push(Flow { position: at, account, why, pence });
        }
        self.fund_legs(at, event, "settled");
    }

    /// A balanced event's effect on funds and outside accounts.
    fn fund_legs(&mut self, position: u64, event: &Value, why: &'static str) {
        let legs = event["legs"].as_array().unwrap();
        if legs.iter().map(pence).sum::<i128>() != 0 {
            self.unbalanced.push(position);
        }
        for leg in legs {
            let account = optional(leg, "fund").or_else(|| optional(leg, "outside"));
            let pence = pence(leg);
            self.flows.extend(account.map(|account| Flow { position, account, why, pence }));
        }
    }

    fn obligation(&mut self, at: u64, event: &Value, kind: Kind, sign: i128) {
        let amount = sign * pence(event);
        self.change(at, line(event), month(event), kind, amount);
        self.open(at, text(event, "reference"), amount);
    }

    fn discharge(&mut self, at: u64, event: &Value) {
        let Some(taken) = event.get("discharges") else { return };
        let kind = match &*text(taken, "kind") {
            "commitment" => Kind::Committed,
            "accrual" => Kind::Accrued,
            other => panic!("the oracle does not know {other}"),
        };
        self.change(at, line(event), month(event), kind, -pence(taken));
        self.open(at, text(taken, "reference"), -pence(taken));
        if kind == Kind::Accrued {
            let late = self.concerned.contains_key(&text(taken, "reference"));
            let tagged = optional(event, "concerns").is_some();
            assert!(
                tagged || !late,
                "what pays a late accrual concerns a closed year, too: {event}"
            );
            self.accrual_ended(at, taken, &line(event), pence(taken));
        }
    }

    fn open(&mut self, at: u64, reference: String, pence: i128) {
        let history = self.obligations.entry(reference).or_default();
        let open = history.last().map_or(0, |(_, open)| *open) + pence;
        history.push((at, open));
    }

    fn forecast_stated(&mut self, position: u64, event: &Value) {
        let phasing = event.get("phasing").map(|months| {
            let months = months.as_array().unwrap().iter();
            months.map(|pence| i128::from(pence.as_i64().unwrap())).collect()
        });
        self.name_line(position, &line(event));
        self.stated.push(StatedForecast {
            position,
            order: self.order,
            line: line(event),
            month: month(event),
            series: text(event, "series"),
            pence: pence(event),
            phasing,
            withdrawn: None,
        });
    }

    fn forecast_withdrawn(&mut self, position: u64, event: &Value) {
        let entry = event["entry"].as_u64().unwrap();
        let (line, month, series) = (line(event), month(event), text(event, "series"));
        let (order, mut of_month) = (self.order, Vec::new());
        for stated in &mut self.stated {
            let of = stated.line == line && stated.month == month && stated.series == series;
            if of && stated.withdrawn.is_none() {
                if stated.position == entry {
                    stated.withdrawn = Some((position, order));
                } else {
                    of_month.push(stated.pence);
                }
            }
        }
        let stands = event.get("stands").map(|stands| i128::from(stands.as_i64().unwrap()));
        assert_eq!(stands, of_month.last().copied(), "what stands after {position}");
        self.name_line(position, &line);
        self.withdrawals.push(Withdrawal { position, order, line, month, series });
    }
}

fn register(registered: &mut BTreeMap<String, Registration>, position: u64, event: &Value) {
    let (code, parent) = (text(event, "code"), optional(event, "parent"));
    let names = vec![(position, text(event, "name"))];
    registered.insert(code, Registration { position, parent, names });
}
