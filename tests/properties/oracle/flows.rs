//! Transfers and origins by brute force: every transfer from the first line on, and every origin
//! followed from its first settlement to a position.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Line, Oracle, number_of};

/// A transfer between two accounts as texts: a line, `fund:P2020/capital` or `outside:treasury`.
#[derive(Clone, Debug)]
pub(crate) struct Transfer {
    pub(crate) position: u64,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) month: u8,
    pub(crate) pence: i128,
    pub(crate) by_rule: bool,
    pub(crate) split: bool,
}

/// A question about flows: the grouping, and the lines that count.
#[derive(Clone, Debug)]
pub(crate) struct FlowQuestion {
    pub(crate) year: String,
    pub(crate) by: &'static str,
    pub(crate) level: Option<usize>,
    pub(crate) programme: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) class: Option<String>,
    pub(crate) position: u64,
    pub(crate) through: u8,
}

/// The sums of a year's flows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Matrix {
    /// By payer and payee: the amount, and the part of it paired by rule.
    pub(crate) flows: BTreeMap<(String, String), (i128, i128)>,
    /// By party, with the parties below it, and the figure's name.
    pub(crate) margins: BTreeMap<(String, &'static str), i128>,
    /// The whole, by the figure's name.
    pub(crate) totals: BTreeMap<&'static str, i128>,
}

/// Shares in proportion to the positive weights; odd pence go to the largest remainder, the first
/// of equals.
fn in_proportion(total: i128, weights: &[i128]) -> Vec<i128> {
    let weights: Vec<i128> = weights.iter().map(|weight| (*weight).max(0)).collect();
    let sum: i128 = weights.iter().sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let mut shares: Vec<i128> = weights.iter().map(|weight| total * weight / sum).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|index| (-(total * weights[*index] % sum), *index));
    let odd = total - shares.iter().sum::<i128>();
    for index in order.into_iter().take(odd as usize) {
        shares[index] += 1;
    }
    shares
}

fn account(leg: &Value) -> String {
    for name in ["fund", "outside"] {
        if let Some(text) = leg.get(name) {
            return format!("{name}:{}", text.as_str().unwrap());
        }
    }
    leg["line"].as_str().unwrap().to_owned()
}

fn is_line(account: &str) -> bool {
    !account.contains(':')
}

/// Pairs the payers and payees of one movement.
fn paired(legs: &[Value], sign: i128) -> Vec<(String, String, i128, bool)> {
    let mut accounts: Vec<(String, i128)> = Vec::new();
    for leg in legs {
        let pence = sign * i128::from(leg["pence"].as_i64().unwrap());
        match accounts.iter_mut().find(|(known, _)| *known == account(leg)) {
            Some((_, sum)) => *sum += pence,
            None => accounts.push((account(leg), pence)),
        }
    }
    let side = |sign: i128| {
        let side = accounts.iter().filter(move |(_, pence)| pence * sign > 0);
        side.map(move |(name, pence)| (name.clone(), pence * sign)).collect::<Vec<_>>()
    };
    let (givers, mut takers) = (side(-1), side(1));
    let several = givers.len() > 1 && takers.len() > 1;
    let wide = several && givers.len() * takers.len() > 1024;
    let mut paid = Vec::new();
    for (giver, gives) in givers {
        let lack: Vec<i128> = takers.iter().map(|(_, lack)| *lack).collect();
        let mut left = gives;
        let one_after_the_other = lack.iter().map(|lack| {
            let share = left.min(*lack);
            left -= share;
            share
        });
        let shares = if wide { one_after_the_other.collect() } else { in_proportion(gives, &lack) };
        for ((taker, lack), share) in takers.iter_mut().zip(shares) {
            *lack -= share;
            if share > 0 {
                paid.push((giver.clone(), taker.clone(), sign * share, several));
            }
        }
    }
    paid
}

/// Every transfer in the lines of a book.
pub(crate) fn transfers(export: &str) -> Vec<Transfer> {
    let mut all = Vec::new();
    for line in export.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let position = entry["position"].as_u64().unwrap();
        let mut to_undo = 0;
        for event in entry["events"].as_array().unwrap() {
            let (name, event) = event.as_object().unwrap().iter().next().unwrap();
            let undoes = to_undo > 0;
            to_undo -= u64::from(undoes);
            if name == "reversed" {
                to_undo = event.get("events").map_or(u64::MAX, |count| count.as_u64().unwrap());
            }
            let Some(legs) = event.get("legs").and_then(Value::as_array) else { continue };
            let month = event.get("month").map_or(0, |month| number_of(month.as_str().unwrap()));
            for (from, to, pence, by_rule) in paired(legs, if undoes { -1 } else { 1 }) {
                let split = name == "lineSplit";
                all.push(Transfer { position, from, to, month, pence, by_rule, split });
            }
        }
    }
    all
}

/// The text of a pool: a programme's money of a year and class, or a fund's money of a class.
fn pool(account: &str) -> String {
    if !is_line(account) {
        return account.to_owned();
    }
    let Line { programme, year, class, .. } = Line::parse(account);
    format!("{programme}/{year}/{class}")
}

/// The origins in order of first settlement, after the unknown one, and each pool's amounts of each
/// origin as at a position.
pub(crate) fn mixes(paid: &[Transfer], at: u64) -> (Vec<String>, BTreeMap<String, Vec<i128>>) {
    let settles = |paid: &Transfer| {
        let fund = paid.to.strip_prefix("fund:")?.split('/').next()?;
        let kind = paid.from.strip_prefix("outside:")?;
        Some(format!("{fund} {kind}"))
    };
    let mut origins = vec!["unknown".to_owned()];
    for origin in paid.iter().filter_map(settles) {
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    let mut pools: BTreeMap<String, Vec<i128>> = BTreeMap::new();
    // Within an entry, money without a year precedes the money of each year.
    let year = |account: &String| is_line(account).then(|| Line::parse(account).year);
    let mut in_order: Vec<&Transfer> = paid.iter().filter(|paid| paid.position <= at).collect();
    in_order.sort_by_key(|paid| (paid.position, year(&paid.from).or(year(&paid.to))));
    for paid in in_order {
        let of = |account: &str, pools: &mut BTreeMap<String, Vec<i128>>| {
            pools.entry(pool(account)).or_insert_with(|| vec![0; origins.len()]).clone()
        };
        if let Some(origin) = settles(paid) {
            let mut mix = of(&paid.to, &mut pools);
            let index = origins.iter().position(|known| *known == origin).unwrap();
            mix[index] += paid.pence;
            pools.insert(pool(&paid.to), mix);
            continue;
        }
        let (from, to) =
            if paid.pence < 0 { (&paid.to, &paid.from) } else { (&paid.from, &paid.to) };
        if pool(from) == pool(to) {
            continue;
        }
        let (mut gives, mut gets) = (of(from, &mut pools), of(to, &mut pools));
        let pence = paid.pence.abs();
        let all: i128 = gives.iter().filter(|held| **held > 0).sum();
        let mut shares = in_proportion(pence.min(all), &gives);
        shares[0] += pence - pence.min(all);
        for ((give, get), share) in gives.iter_mut().zip(&mut gets).zip(shares) {
            *give -= share;
            *get += share;
        }
        pools.insert(pool(from), gives);
        pools.insert(pool(to), gets);
    }
    (origins, pools)
}

impl Oracle {
    fn includes(&self, question: &FlowQuestion, account: &str) -> bool {
        if !is_line(account) {
            return false;
        }
        let line = Line::parse(account);
        let below = |path: Vec<String>, top: &Option<String>| {
            top.as_ref().is_none_or(|top| path.contains(top))
        };
        line.year == question.year
            && below(Oracle::path(&self.programmes, &line.programme), &question.programme)
            && below(self.body_path(&line.body, question.position), &question.body)
            && question.class.as_ref().is_none_or(|class| *class == line.class)
    }

    /// A party and the parties above it.
    fn parties(&self, question: &FlowQuestion, account: &str) -> Vec<String> {
        if let Some(pot) = account.strip_prefix("fund:") {
            return vec![format!("fund {}", pot.split('/').next().unwrap())];
        }
        if let Some(outside) = account.strip_prefix("outside:") {
            return vec![format!("outside {outside}")];
        }
        let line = Line::parse(account);
        let year =
            if line.year == question.year { String::new() } else { format!(" {}", line.year) };
        if line.programme == "SUSPENSE" {
            return vec![format!("unattributed{year}")];
        }
        let path = match question.by {
            "programme" => Oracle::path(&self.programmes, &line.programme),
            "body" => self.body_path(&line.body, question.position),
            _ => vec![line.class],
        };
        let path = match question.level.filter(|_| question.by != "class") {
            None => path,
            Some(level) => vec![path[path.len().saturating_sub(level + 1)].clone()],
        };
        path.into_iter().map(|code| format!("{} {code}{year}", question.by)).collect()
    }

    /// The flows of a year.
    pub(crate) fn matrix(&self, paid: &[Transfer], question: &FlowQuestion) -> Matrix {
        let mut matrix = Matrix::default();
        let year = |account: &str| is_line(account).then(|| Line::parse(account).year);
        for paid in paid.iter().filter(|paid| paid.position <= question.position) {
            let included = [&paid.from, &paid.to].map(|account| self.includes(question, account));
            let carried_in = year(&paid.from).is_some_and(|year| year != question.year);
            if included == [false; 2] || (!carried_in && paid.month > question.through) {
                continue;
            }
            if paid.split {
                *matrix.totals.entry("reclassified").or_default() += paid.pence;
                continue;
            }
            let (givers, takers) =
                (self.parties(question, &paid.from), self.parties(question, &paid.to));
            let gift = match year(&paid.to) {
                None => "returned",
                Some(year) if year != question.year => "carriedOut",
                Some(_) => "given",
            };
            let receipt = match year(&paid.from) {
                None => "funded",
                Some(year) if year != question.year => "carriedIn",
                Some(_) => "received",
            };
            let (gives, gets) = (givers[0].clone(), takers[0].clone());
            let mut total = |name| *matrix.totals.entry(name).or_default() += paid.pence;
            total(match included {
                [true, true] => "eliminated",
                [true, false] => gift,
                [false, _] => receipt,
            });
            if gives == gets {
                total("within");
            } else if year(&paid.from) == year(&paid.to) {
                total("recycled");
            }
            let suspense = |party: &String| i128::from(party == "unattributed");
            *matrix.totals.entry("unattributed").or_default() +=
                (suspense(&gets) - suspense(&gives)) * paid.pence;
            let mut margin = |party: &String, name| {
                *matrix.margins.entry((party.clone(), name)).or_default() += paid.pence;
            };
            // A flow within a group is eliminated if both its lines are in the question.
            let both = included == [true; 2];
            for group in givers.iter().filter(|_| included[0]) {
                let within = both && takers.contains(group);
                margin(group, if within { "eliminated" } else { gift });
            }
            for group in takers.iter().filter(|_| included[1]) {
                if !(both && givers.contains(group)) {
                    margin(group, receipt);
                }
            }
            if gives != gets {
                let flow = matrix.flows.entry((gives, gets)).or_default();
                flow.0 += paid.pence;
                flow.1 += if paid.by_rule { paid.pence } else { 0 };
            }
        }
        matrix.flows.retain(|_, sum| *sum != (0, 0));
        matrix.margins.retain(|_, sum| *sum != 0);
        matrix.totals.retain(|_, sum| *sum != 0);
        matrix
    }
}
