//! Every figure of every projection matches what the oracle computes from the exported lines.

use std::collections::BTreeMap;

use ledger_core::domain::calendar::Month;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_tests::generate::{Random, parsed};
use ledger_tests::rounds;
use projections::budget::{BudgetQuery, BudgetRow, Rollup};
use projections::figures::{self, Sense, Status, VarianceBasis};
use projections::scope::Scope;
use projections::{AsAt, ReadModels};

use crate::live_book::LiveBook;
use crate::oracle::{Figures, Line, Oracle, Question, Sum};
use crate::stream::Stream;

fn pence(pence: Pence) -> i128 {
    i128::from(pence.get())
}

/// The program's figures in the oracle's terms.
pub(crate) fn figures_of(figures: &figures::Figures, status: Status) -> Figures {
    let (variance, basis) = figures.variance();
    let tenths = |percent: rust_decimal::Decimal| {
        assert_eq!(percent.scale(), 1);
        percent.mantissa()
    };
    Figures {
        original: figures.original.map(pence),
        revised: pence(figures.revised),
        plan_to_date: pence(figures.plan_to_date),
        committed: pence(figures.committed),
        accrued: pence(figures.accrued),
        actual: pence(figures.actual),
        outturn: figures.outturn.map(pence),
        forecast: figures.forecast.whole().map(pence),
        forecast_part: figures.forecast.known.map(|k| (pence(k), pence(figures.forecast.of))),
        internal_forecast: figures.internal_forecast.whole().map(pence),
        available: pence(figures.available()),
        variance: pence(variance),
        variance_basis: match basis {
            VarianceBasis::Outturn => "outturn",
            VarianceBasis::Forecast => "forecast",
            VarianceBasis::ForecastPart => "forecastPart",
            VarianceBasis::ToDate => "toDate",
        },
        sense: match figures.sense() {
            Sense::Favourable => "favourable",
            Sense::Adverse => "adverse",
            Sense::OnBudget => "onBudget",
        },
        percent_used: figures.percent_used().map(tenths),
        status: match status {
            Status::NoBudget => "noBudget",
            Status::Overspent => "overspent",
            Status::ForecastOver => "forecastOver",
            Status::Underspending => "underspending",
            Status::NoForecast => "noForecast",
            Status::OnTrack => "onTrack",
        },
        inferred: figures.inferred,
    }
}

fn sum_of(row: &BudgetRow) -> Sum {
    let text = |code: Option<&str>| code.map(str::to_owned);
    Sum {
        programme: text(row.programme.as_ref().map(|code| code.as_str())),
        body: text(row.body.as_ref().map(|code| code.as_str())),
        class: text(row.class.map(|class| class.as_str())),
        fence: text(row.ring_fence.as_ref().map(|code| code.as_str())),
        figures: figures_of(&row.figures.unwrap(), row.status.unwrap()),
    }
}

/// The program's form of the oracle's question.
pub(crate) fn ask(models: &ReadModels, question: &Question, as_at: AsAt) -> BudgetQuery {
    BudgetQuery {
        year: parsed(&question.year),
        programme: question.programme.as_deref().map(parsed),
        body: question.body.as_deref().map(parsed),
        class: question.class.as_deref().map(parsed),
        moment: models.moment(as_at).unwrap(),
        through: question.through.map(|month| Month::new(month).unwrap()),
        rollup: None,
    }
}

/// A question at a random moment and month, about all of the year or a part of it.
pub(crate) fn random_question(random: &mut Random, oracle: &Oracle) -> (Question, AsAt) {
    let mut below = |bound: u64| random.below(bound);
    let position = 1 + below(oracle.head());
    let recorded = oracle.entries[position as usize - 1].0.clone();
    let (as_at, position, time) = if below(3) == 0 {
        // A time some hours after the entry, so that later entries count too.
        let hour = format!("{}T23:30:00.000000Z", &recorded[..10]);
        (AsAt::Recorded(timestamp(&hour)), oracle.position_at(&hour), hour)
    } else {
        (AsAt::Position(Position::new(position)), position, recorded)
    };
    let year = ["2016-17", "2017-18", "2018-19"][below(3) as usize].to_owned();
    let through = (below(3) > 0).then(|| 1 + below(13) as u8);
    let mut question =
        Question { year, programme: None, body: None, class: None, position, time, through };
    match below(6) {
        0 => question.programme = Some(["PORT", "WIFI", "SUSPENSE"][below(3) as usize].to_owned()),
        1 => question.body = Some(["XDH", "QICB", "RX1"][below(3) as usize].to_owned()),
        2 => question.class = Some(["capital", "revenue", "unsplit"][below(3) as usize].to_owned()),
        _ => {}
    }
    let known =
        |at: u64, registered: &BTreeMap<_, crate::oracle::Registration>, code: &Option<String>| {
            code.as_ref().is_none_or(|code| registered[code].position <= at)
        };
    if !known(position, &oracle.programmes, &question.programme) {
        question.programme = None;
    }
    if !known(position, &oracle.bodies, &question.body) {
        question.body = None;
    }
    (question, as_at)
}

fn timestamp(text: &str) -> ledger_core::domain::calendar::Timestamp {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).unwrap()
}

/// Compares the rows of a roll-up with the oracle's groups.
fn check(
    models: &ReadModels,
    query: &BudgetQuery,
    rollup: Option<Rollup>,
    expected: &BTreeMap<String, Sum>,
    key: impl Fn(&BudgetRow) -> String,
) {
    let query = BudgetQuery { rollup, ..*query };
    let rows = models.within(Scope::everything()).budget(&query).unwrap();
    let mut answer = BTreeMap::new();
    for row in rows.iter().filter(|row| row.figures.is_some()) {
        assert_eq!(row.position, query.moment.position);
        let twice = answer.insert(key(row), sum_of(row));
        assert_eq!(twice, None, "one row for each of {rollup:?}");
    }
    assert_eq!(answer, *expected, "{query:?}");
    check_tree(models, &query, &rows, key);
}

/// Holds the rows' places in the tree against each other: a parent is its own lines and the rows
/// below it, and so the whole year is what the rows at the top hold, and what all rows own.
fn check_tree(
    models: &ReadModels,
    query: &BudgetQuery,
    rows: &[BudgetRow],
    key: impl Fn(&BudgetRow) -> String,
) {
    if rows.iter().any(|row| row.figures.is_none()) || query.rollup == Some(Rollup::Month) {
        return;
    }
    let sum = |part: &mut dyn Iterator<Item = figures::Figures>| {
        figures::Figures::sum(part.collect::<Vec<_>>().iter()).unwrap_or_default()
    };
    let own = |row: &BudgetRow| row.own().map(|(figures, _)| figures);
    for row in rows {
        let below = || rows.iter().filter(|below| below.parent == Some(key(row)));
        let parts = below().map(|below| below.figures.unwrap()).chain(own(row));
        assert_eq!(Some(sum(&mut parts.into_iter())), row.figures, "{row:?}");
        assert!(below().all(|below| below.level == row.level + 1), "{row:?}");
        let total = below().next().is_some() || query.rollup == Some(Rollup::Year);
        assert_eq!((row.is_total, row.level == 0), (total, row.parent.is_none()), "{row:?}");
    }
    let whole = BudgetQuery { rollup: Some(Rollup::Year), ..*query };
    let whole = models.within(Scope::everything()).budget(&whole).unwrap();
    let whole = whole.first().map(|row| row.figures.unwrap()).unwrap_or_default();
    let top = rows.iter().filter(|row| row.level == 0).map(|row| row.figures.unwrap());
    assert_eq!(sum(&mut top.into_iter()), whole, "{query:?}");
    assert_eq!(sum(&mut rows.iter().filter_map(own)), whole, "{query:?}");
}

pub(crate) fn text_of(row: &BudgetRow) -> String {
    let line = ledger_core::domain::line::LineKey {
        programme: row.programme.unwrap(),
        body: row.body.unwrap(),
        year: row.year,
        class: row.class.unwrap(),
        ring_fence: row.ring_fence,
    };
    line.to_string()
}

pub(crate) fn text_of_line(line: &Line) -> String {
    let Line { programme, body, year, class, fence } = line;
    let fence = fence.as_ref().map(|fence| format!("/{fence}")).unwrap_or_default();
    format!("{programme}/{body}/{year}/{class}{fence}")
}

/// The path up to and including `top`.
fn up_to(path: &[String], top: Option<&String>) -> Vec<String> {
    let end = path.iter().position(|code| Some(code) == top);
    path[..end.map_or(path.len(), |end| end + 1)].to_vec()
}

/// Compares every roll-up of a question.
pub(crate) fn check_question(
    models: &ReadModels,
    oracle: &Oracle,
    question: &Question,
    as_at: AsAt,
) {
    let query = ask(models, question, as_at);
    assert_eq!(query.moment.position.get(), question.position);
    let lines = oracle.grouped(question, |line| vec![text_of_line(line)]);
    check(models, &query, None, &lines, text_of);
    let programmes = oracle.grouped(question, |line| {
        up_to(&Oracle::path(&oracle.programmes, &line.programme), question.programme.as_ref())
    });
    let named = |mut sums: BTreeMap<String, Sum>, body: bool| {
        for (code, sum) in &mut sums {
            let place = if body { &mut sum.body } else { &mut sum.programme };
            *place = Some(code.clone());
        }
        sums
    };
    check(models, &query, Some(Rollup::Programme), &named(programmes, false), |row| {
        let code = row.programme.unwrap().to_string();
        assert_eq!(row.name, Oracle::name(&oracle.programmes, &code, question.position));
        code
    });
    let bodies = oracle.grouped(question, |line| {
        up_to(&oracle.body_path(&line.body, question.position), question.body.as_ref())
    });
    check(models, &query, Some(Rollup::Body), &named(bodies, true), |row| {
        let code = row.body.unwrap().to_string();
        assert_eq!(row.name, Oracle::name(&oracle.bodies, &code, question.position));
        code
    });
    let classes = oracle.grouped(question, |line| vec![line.class.clone()]);
    check(models, &query, Some(Rollup::Class), &classes, |row| row.class.unwrap().to_string());
    let fences = oracle.grouped(question, |line| vec![line.fence.clone().unwrap_or_default()]);
    check(models, &query, Some(Rollup::RingFence), &fences, |row| {
        row.ring_fence.map(|fence| fence.to_string()).unwrap_or_default()
    });
    let whole = oracle.grouped(question, |_| vec![String::new()]);
    check(models, &query, Some(Rollup::Year), &whole, |_| String::new());
    let months: BTreeMap<String, Sum> = (1..=question.last_month())
        .flat_map(|month| {
            let through = Question { through: Some(month), ..question.clone() };
            let sums = oracle.grouped(&through, |_| vec![format!("M{month}")]);
            sums.into_iter()
        })
        .collect();
    check(models, &query, Some(Rollup::Month), &months, |row| row.through.unwrap().to_string());
}

#[test]
fn every_figure_and_every_roll_up_matches_the_oracle() {
    for seed in 0..rounds(200, 6) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        for _ in 0..8 {
            let (question, as_at) = random_question(&mut stream.random, &oracle);
            check_question(&book.models(), &oracle, &question, as_at);
        }
    }
}
