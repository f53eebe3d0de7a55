//! Every figure of every projection is what the oracle works out from the exported lines.

use std::collections::BTreeMap;

use ledger_core::domain::calendar::Month;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_tests::generate::{Random, parsed};
use ledger_tests::rounds;
use projections::budget::{BudgetQuery, BudgetRow, Rollup};
use projections::figures::{self, Sense, Status, VarianceBasis};
use projections::{AsAt, ReadModels};

use crate::live_book::LiveBook;
use crate::oracle::{Asked, Figures, Line, Oracle, Sum};
use crate::stream::Stream;

fn pence(pence: Pence) -> i128 {
    i128::from(pence.get())
}

/// The program's figures in the oracle's terms.
pub(crate) fn told(figures: &figures::Figures, status: Status) -> Figures {
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
        forecast: figures.forecast.map(pence),
        internal_forecast: figures.internal_forecast.map(pence),
        available: pence(figures.available()),
        variance: pence(variance),
        variance_basis: match basis {
            VarianceBasis::Outturn => "outturn",
            VarianceBasis::Forecast => "forecast",
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
        figures: told(&row.figures.unwrap(), row.status.unwrap()),
    }
}

/// The same question to both.
pub(crate) fn ask(models: &ReadModels, asked: &Asked, as_at: AsAt) -> BudgetQuery {
    BudgetQuery {
        year: parsed(&asked.year),
        programme: asked.programme.as_deref().map(parsed),
        body: asked.body.as_deref().map(parsed),
        class: asked.class.as_deref().map(parsed),
        moment: models.moment(as_at).unwrap(),
        through: asked.through.map(|month| Month::new(month).unwrap()),
        rollup: None,
    }
}

/// A question at a random moment and month, of all of the year or of a part.
pub(crate) fn random_question(random: &mut Random, oracle: &Oracle) -> (Asked, AsAt) {
    let mut below = |bound: u64| random.below(bound);
    let position = 1 + below(oracle.head());
    let recorded = oracle.entries[position as usize - 1].0.clone();
    let (as_at, position, time) = if below(3) == 0 {
        // Some hours after it, as known then: entries that came in between count.
        let hour = format!("{}T23:30:00.000000Z", &recorded[..10]);
        (AsAt::Recorded(timestamp(&hour)), oracle.position_at(&hour), hour)
    } else {
        (AsAt::Position(Position::new(position)), position, recorded)
    };
    let year = ["2016-17", "2017-18", "2018-19"][below(3) as usize].to_owned();
    let through = (below(3) > 0).then(|| 1 + below(13) as u8);
    let mut asked =
        Asked { year, programme: None, body: None, class: None, position, time, through };
    match below(6) {
        0 => asked.programme = Some(["PORT", "WIFI", "SUSPENSE"][below(3) as usize].to_owned()),
        1 => asked.body = Some(["XDH", "QICB", "RX1"][below(3) as usize].to_owned()),
        2 => asked.class = Some(["capital", "revenue", "unsplit"][below(3) as usize].to_owned()),
        _ => {}
    }
    let known =
        |at: u64, registered: &BTreeMap<_, crate::oracle::Registered>, code: &Option<String>| {
            code.as_ref().is_none_or(|code| registered[code].position <= at)
        };
    if !known(position, &oracle.programmes, &asked.programme) {
        asked.programme = None;
    }
    if !known(position, &oracle.bodies, &asked.body) {
        asked.body = None;
    }
    (asked, as_at)
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
    let rows = models.budget(&query).unwrap();
    let mut told = BTreeMap::new();
    for row in rows.iter().filter(|row| row.figures.is_some()) {
        assert_eq!(row.position, query.moment.position);
        let twice = told.insert(key(row), sum_of(row));
        assert_eq!(twice, None, "one row for each of {rollup:?}");
    }
    assert_eq!(told, *expected, "{query:?}");
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

/// A path up to and including `top`.
fn up_to(path: &[String], top: Option<&String>) -> Vec<String> {
    let end = path.iter().position(|code| Some(code) == top);
    path[..end.map_or(path.len(), |end| end + 1)].to_vec()
}

/// Compares everything that a question can be rolled up into.
pub(crate) fn check_question(models: &ReadModels, oracle: &Oracle, asked: &Asked, as_at: AsAt) {
    let query = ask(models, asked, as_at);
    assert_eq!(query.moment.position.get(), asked.position);
    let lines = oracle.grouped(asked, |line| vec![text_of_line(line)]);
    check(models, &query, None, &lines, text_of);
    let programmes = oracle.grouped(asked, |line| {
        up_to(&Oracle::path(&oracle.programmes, &line.programme), asked.programme.as_ref())
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
        assert_eq!(row.name, Oracle::name(&oracle.programmes, &code, asked.position));
        code
    });
    let bodies = oracle.grouped(asked, |line| {
        up_to(&oracle.body_path(&line.body, asked.position), asked.body.as_ref())
    });
    check(models, &query, Some(Rollup::Body), &named(bodies, true), |row| {
        let code = row.body.unwrap().to_string();
        assert_eq!(row.name, Oracle::name(&oracle.bodies, &code, asked.position));
        code
    });
    let classes = oracle.grouped(asked, |line| vec![line.class.clone()]);
    check(models, &query, Some(Rollup::Class), &classes, |row| row.class.unwrap().to_string());
    let fences = oracle.grouped(asked, |line| vec![line.fence.clone().unwrap_or_default()]);
    check(models, &query, Some(Rollup::RingFence), &fences, |row| {
        row.ring_fence.map(|fence| fence.to_string()).unwrap_or_default()
    });
    let whole = oracle.grouped(asked, |_| vec![String::new()]);
    check(models, &query, Some(Rollup::Year), &whole, |_| String::new());
    let months: BTreeMap<String, Sum> = (1..=asked.last_month())
        .flat_map(|month| {
            let through = Asked { through: Some(month), ..asked.clone() };
            let sums = oracle.grouped(&through, |_| vec![format!("M{month}")]);
            sums.into_iter()
        })
        .collect();
    check(models, &query, Some(Rollup::Month), &months, |row| row.through.unwrap().to_string());
}

#[test]
fn every_figure_and_every_roll_up_is_what_the_oracle_works_out() {
    for seed in 0..rounds(200, 6) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        for _ in 0..8 {
            let (asked, as_at) = random_question(&mut stream.random, &oracle);
            check_question(&book.models(), &oracle, &asked, as_at);
        }
    }
}
