//! The laws that no accepted move may break. Each returns what it found wrong.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::domain::event::{Close, Event};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::movement::{Account, Leg};

use crate::model::{Balances, Model, Posted};

const DAY: i64 = 86_400_000_000;

/// The providers; what stands below a trust counts with it.
const ONE_EACH: [&[&str]; 3] = [&["TR1", "SUB"], &["TR2"], &["CCG"]];

/// Checks every law on an entry that the model has not applied yet.
pub(crate) fn check(before: &Model, entry: &Posted, after: &Model) -> Result<(), String> {
    conserved(after)?;
    acts_are_signed(entry)?;
    classes_and_fences_hold(entry)?;
    nothing_below_zero(before, entry, after)?;
    closed_years_keep_their_budget(before, entry)?;
    exchanges_stay_within_the_share(after)?;
    movements_stay_within_the_limit(after, entry)?;
    investments_stay_within_the_limit(before, after, entry)
}

/// Budget is what was settled, no more and no less.
fn conserved(after: &Model) -> Result<(), String> {
    let lines: i128 = after.lines.values().map(|line| line.revised).sum();
    if lines + after.unallocated != after.settled {
        return Err(format!("{lines} + {} is not {}", after.unallocated, after.settled));
    }
    Ok(())
}

/// Nobody settles, reopens, splits or hard-closes alone.
fn acts_are_signed(entry: &Posted) -> Result<(), String> {
    let act = |event: &&Event| {
        matches!(event, Event::FundingSettled(_) | Event::LineSplit(_) | Event::PeriodReopened(_))
            || matches!(event, Event::PeriodClosed(closed) if closed.close == Close::Hard)
    };
    match entry.events.iter().find(act) {
        Some(event) if !entry.signed => Err(format!("unsigned: {event:?}")),
        _ => Ok(()),
    }
}

/// No movement leaves a ring-fence, or turns capital into revenue, without a signature.
fn classes_and_fences_hold(entry: &Posted) -> Result<(), String> {
    if entry.signed {
        return Ok(());
    }
    for legs in entry.movements() {
        let mut fences: BTreeMap<String, i64> = BTreeMap::new();
        let (mut capital, mut revenue, mut outside) = (0, 0, false);
        for leg in legs {
            let class = match leg.account {
                Account::Line(line) => {
                    if let Some(fence) = line.ring_fence {
                        *fences.entry(fence.to_string()).or_default() += leg.pence.get();
                    }
                    line.class
                }
                Account::Fund(pot) => pot.class,
                Account::Outside(_) => {
                    outside = true;
                    continue;
                }
            };
            match class {
                BudgetClass::Capital => capital += leg.pence.get(),
                BudgetClass::Revenue => revenue += leg.pence.get(),
                BudgetClass::Unsplit => {}
            }
        }
        if let Some((fence, lost)) = fences.iter().find(|(_, net)| **net < 0) {
            return Err(format!("the ring-fence {fence} lost {lost}"));
        }
        if !outside && (capital < 0 || revenue > 0) {
            return Err(format!("capital {capital}, revenue {revenue}: {legs:?}"));
        }
    }
    Ok(())
}

/// A line that a movement lowers keeps zero or more, revised and available.
fn nothing_below_zero(before: &Model, entry: &Posted, after: &Model) -> Result<(), String> {
    let lines: BTreeSet<LineKey> = entry.legs().filter_map(Leg::as_line).collect();
    for key in lines {
        let of = |model: &Model| model.lines.get(&key).copied().unwrap_or_default();
        let (was, is): (Balances, Balances) = (of(before), of(after));
        if is.revised < was.revised && (is.revised < 0 || is.available() < 0) {
            return Err(format!("{key} was lowered to {is:?}"));
        }
    }
    Ok(())
}

/// The budget of a hard-closed year does not change.
fn closed_years_keep_their_budget(before: &Model, entry: &Posted) -> Result<(), String> {
    let lines = entry.legs().filter_map(Leg::as_line);
    match lines.into_iter().find(|line| before.closed.contains(&line.year)) {
        Some(line) => Err(format!("{line} is of a closed year")),
        None => Ok(()),
    }
}

/// All exchanges of a year and class together take at most the Treasury's share of its budget.
fn exchanges_stay_within_the_share(after: &Model) -> Result<(), String> {
    after.over_share.clone().map_or(Ok(()), Err)
}

/// A programme of the game and those above it.
fn path(programme: &str) -> Vec<&str> {
    match programme {
        "MASTS" => vec!["MASTS", "SITES", "WIFI"],
        "SITES" => vec!["SITES", "WIFI"],
        other => vec![other],
    }
}

/// What each fund and each programme with all below it loses by some legs.
fn losses(legs: &[Leg]) -> BTreeMap<String, i128> {
    let mut nets: BTreeMap<String, i128> = BTreeMap::new();
    for leg in legs {
        let sources: Vec<String> = match leg.account {
            Account::Line(line) => {
                let path = path(line.programme.as_str()).into_iter();
                path.map(|programme| format!("programme {programme}")).collect()
            }
            Account::Fund(pot) => vec![format!("fund {}", pot.fund)],
            Account::Outside(_) => Vec::new(),
        };
        for source in sources {
            *nets.entry(source).or_default() -= i128::from(leg.pence.get());
        }
    }
    nets.retain(|_, lost| *lost > 0);
    nets
}

/// One person moves at most £5m out of one fund or programme within 30 days, unsigned.
fn movements_stay_within_the_limit(after: &Model, entry: &Posted) -> Result<(), String> {
    if entry.signed {
        return Ok(());
    }
    let mut sums: BTreeMap<String, i128> = BTreeMap::new();
    let own = after.entries.iter().filter(|posted| {
        posted.maker == entry.maker && !posted.signed && posted.at >= entry.at - 30 * DAY
    });
    for posted in own {
        for (source, lost) in posted.movements().flat_map(losses) {
            *sums.entry(source).or_default() += lost;
        }
    }
    match sums.iter().find(|(_, sum)| **sum > 500_000_000) {
        Some((source, sum)) => Err(format!("{} moved {sum} out of {source}", entry.maker)),
        None => Ok(()),
    }
}

/// What some bodies that count as one have invested unsigned since a moment: at most what arrived and stays, or what was
/// committed and stays, by programme.
fn invested(model: &Model, bodies: &[&str], maker: Option<&str>, since: i64) -> i128 {
    let mut received: BTreeMap<&str, i128> = BTreeMap::new();
    let mut promised: BTreeMap<&str, i128> = BTreeMap::new();
    let counted = model.entries.iter().filter(|posted| {
        posted.at >= since && !posted.signed && maker.is_none_or(|maker| posted.maker == maker)
    });
    for event in counted.flat_map(|posted| &posted.events) {
        let add = |sums: &mut BTreeMap<&str, i128>, line: &LineKey, pence: i128| {
            let programme = match line.programme.as_str() {
                "SITES" | "MASTS" | "WIFI" => "WIFI",
                "CYBER" => "CYBER",
                _ => return,
            };
            let counts = line.class != BudgetClass::Capital && bodies.contains(&line.body.as_str());
            if counts && !model.closed.contains(&line.year) {
                *sums.entry(programme).or_default() += pence;
            }
        };
        // What moves within the bodies is not received; a split is counted on arrival.
        let own =
            |leg: &&Leg| leg.as_line().is_some_and(|line| bodies.contains(&line.body.as_str()));
        let legs: Vec<&Leg> = event.legs().iter().filter(own).collect();
        let one_way = legs.iter().all(|leg| leg.pence.is_positive())
            || legs.iter().all(|leg| leg.pence.is_negative());
        if one_way && !matches!(event, Event::LineSplit(_)) {
            for leg in legs {
                if let Some(line) = leg.as_line() {
                    add(&mut received, &line, i128::from(leg.pence.get()));
                }
            }
        }
        if let Event::Committed(made) = event {
            add(&mut promised, &made.line, i128::from(made.pence.get()));
        } else if let Event::CommitmentReleased(made) = event {
            add(&mut promised, &made.line, -i128::from(made.pence.get()));
        }
    }
    let programmes: BTreeSet<&str> = received.keys().chain(promised.keys()).copied().collect();
    let most = |programme: &&str| {
        let of = |sums: &BTreeMap<&str, i128>| sums.get(*programme).copied().unwrap_or(0);
        of(&received).max(of(&promised)).max(0)
    };
    programmes.iter().map(most).sum()
}

/// Under a regime a provider invests at most £50,000 unsigned within 90 days, and one maker at most
/// £100,000 for several.
fn investments_stay_within_the_limit(
    before: &Model,
    after: &Model,
    entry: &Posted,
) -> Result<(), String> {
    let (Some(began), Some(_)) = (before.deteriorated_since, after.deteriorated_since) else {
        return Ok(());
    };
    if entry.signed {
        return Ok(());
    }
    let since = began.max(entry.at - 90 * DAY);
    for bodies in ONE_EACH {
        let of = |model: &Model| invested(model, bodies, None, since);
        let (was, is) = (of(before), of(after));
        if is > was && is > 5_000_000 {
            return Err(format!("{bodies:?} invested {is} unsigned under a regime"));
        }
    }
    let of_maker = |model: &Model| -> i128 {
        ONE_EACH.iter().map(|bodies| invested(model, bodies, Some(&entry.maker), since)).sum()
    };
    let (was, is) = (of_maker(before), of_maker(after));
    if is > was && is > 10_000_000 {
        return Err(format!("{} invested {is} unsigned for several bodies", entry.maker));
    }
    Ok(())
}
