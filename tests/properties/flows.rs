//! Transfers between programmes, and the origins of their money, match the oracle.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::domain::calendar::Month;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::Outside;
use ledger_core::domain::position::Position;
use ledger_core::snapshot::Snapshot;
use ledger_tests::generate::{Random, parsed};
use ledger_tests::rounds;
use ledger_tests::simulated_disk::SimulatedDisk;
use projections::book::take_snapshot;
use projections::budget::BudgetQuery;
use projections::flows::{FlowQuery, FlowTotals, Grouping, Party, PartyInYear, YearFlows};
use projections::scope::{Part, Scope};
use projections::{AsAt, ReadModels};

use crate::live_book::LiveBook;
use crate::oracle::flows::{FlowQuestion, Matrix, Transfer, mixes, transfers};
use crate::oracle::{Kind, Oracle};
use crate::stream::Stream;

fn pence(pence: Pence) -> i128 {
    i128::from(pence.get())
}

fn outside(outside: Outside) -> &'static str {
    match outside {
        Outside::Treasury => "treasury",
        Outside::ExistingBudgets => "existingBudgets",
    }
}

fn named(party: Party) -> String {
    match party {
        Party::Outside(from) => format!("outside {}", outside(from)),
        Party::Fund(code) => format!("fund {code}"),
        Party::Programme(code) => format!("programme {code}"),
        Party::Body(code) => format!("body {code}"),
        Party::Class(class) => format!("class {class}"),
        Party::Unattributed => "unattributed".to_owned(),
        Party::Hidden => "hidden".to_owned(),
        Party::Spend => "spend".to_owned(),
    }
}

fn named_in(PartyInYear { year, party }: PartyInYear) -> String {
    let year = year.map(|year| format!(" {year}")).unwrap_or_default();
    format!("{}{year}", named(party))
}

fn figures(totals: &FlowTotals) -> [(&'static str, i128); 7] {
    [
        ("funded", totals.funded),
        ("returned", totals.returned),
        ("received", totals.received),
        ("given", totals.given),
        ("carriedIn", totals.carried_in),
        ("carriedOut", totals.carried_out),
        ("eliminated", totals.eliminated),
    ]
    .map(|(name, amount)| (name, pence(amount)))
}

/// The program's answer in the oracle's terms.
fn matrix_of(flows: &YearFlows) -> Matrix {
    let mut matrix = Matrix::default();
    for flow in &flows.flows {
        let sides = (named_in(flow.from), named_in(flow.to));
        matrix.flows.insert(sides, (pence(flow.pence), pence(flow.by_rule)));
    }
    for margin in &flows.margins {
        for (name, amount) in figures(&margin.totals) {
            matrix.margins.insert((named(margin.party), name), amount);
        }
    }
    let others = [
        ("unattributed", flows.unattributed),
        ("recycled", flows.recycled),
        ("within", flows.within),
        ("reclassified", flows.reclassified),
    ];
    matrix.totals.extend(figures(&flows.totals));
    matrix.totals.extend(others.map(|(name, amount)| (name, pence(amount))));
    matrix.margins.retain(|_, amount| *amount != 0);
    matrix.totals.retain(|_, amount| *amount != 0);
    matrix
}

pub(crate) fn question(random: &mut Random, oracle: &Oracle) -> FlowQuestion {
    let mut below = |bound: u64| random.below(bound);
    let position = 30 + below(oracle.head() - 29);
    let by = ["programme", "body", "class"][below(3) as usize];
    let mut question = FlowQuestion {
        year: ["2016-17", "2017-18", "2018-19"][below(3) as usize].to_owned(),
        by,
        level: (below(3) == 0).then(|| below(4) as usize),
        programme: None,
        body: None,
        class: None,
        position,
        through: if below(2) == 0 { 13 } else { 1 + below(13) as u8 },
    };
    match below(5) {
        0 => question.programme = Some(["PORT", "WIFI", "SUSPENSE"][below(3) as usize].to_owned()),
        1 => question.body = Some(["XDH", "QICB", "RX1"][below(3) as usize].to_owned()),
        2 => question.class = Some(["capital", "revenue", "unsplit"][below(3) as usize].to_owned()),
        _ => {}
    }
    question
}

fn query(models: &ReadModels, question: &FlowQuestion) -> FlowQuery {
    FlowQuery {
        year: parsed(&question.year),
        by: match question.by {
            "programme" => Grouping::Programme,
            "body" => Grouping::Body,
            _ => Grouping::Class,
        },
        level: question.level,
        programme: question.programme.as_deref().map(parsed),
        body: question.body.as_deref().map(parsed),
        class: question.class.as_deref().map(parsed),
        moment: models.moment(AsAt::Position(Position::new(question.position))).unwrap(),
        through: (question.through < 13).then(|| Month::new(question.through).unwrap()),
    }
}

pub(crate) fn check(
    models: &ReadModels,
    oracle: &Oracle,
    paid: &[Transfer],
    question: &FlowQuestion,
) {
    let query = query(models, question);
    let within = models.within(Scope::everything());
    let flows = within.flows(&query).unwrap();
    assert_eq!(matrix_of(&flows), oracle.matrix(paid, question), "{question:?}");
    check_behind(models, &query, &flows);
    check_origins(models, oracle, paid, question);
}

/// The entries behind a flow sum to the flow.
fn check_behind(models: &ReadModels, query: &FlowQuery, flows: &YearFlows) {
    let within = models.within(Scope::everything());
    for flow in flows.flows.iter().take(4) {
        let behind = within.flow_contributions(query, Some(flow.from), Some(flow.to)).unwrap();
        assert_eq!(Pence::sum(behind.iter().map(|part| part.pence)), flow.pence, "{flow:?}");
        assert!(behind.is_sorted_by_key(|part| part.position));
    }
}

/// Compares the origins of programmes whose whole pools are in the question.
fn check_origins(models: &ReadModels, oracle: &Oracle, paid: &[Transfer], question: &FlowQuestion) {
    let question = FlowQuestion { body: None, ..question.clone() };
    let answer = models.within(Scope::everything()).origins(&query(models, &question)).unwrap();
    let (origins, pools) = mixes(paid, question.position);
    let mut expected: BTreeMap<&str, i128> = BTreeMap::new();
    let mut budget = 0;
    for (pool, mix) in &pools {
        let mut parts = pool.split('/');
        let (Some(programme), Some(year), Some(class)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let below = |top: &String| Oracle::path(&oracle.programmes, programme).contains(top);
        let of_class = question.class.as_deref().is_none_or(|wanted| wanted == class);
        if year == question.year && of_class && question.programme.as_ref().is_none_or(below) {
            for (origin, pence) in origins.iter().zip(mix) {
                *expected.entry(origin).or_default() += pence;
                budget += pence;
            }
        }
    }
    expected.retain(|_, pence| *pence != 0);
    let name = |origin: Option<projections::flows::Origin>| match origin {
        Some(origin) => format!("{} {}", origin.fund, outside(origin.from)),
        None => "unknown".to_owned(),
    };
    let shares: BTreeMap<String, i128> =
        answer.shares.iter().map(|share| (name(share.origin), pence(share.budget))).collect();
    let shares = shares.iter().filter(|(_, pence)| **pence != 0);
    let shares: BTreeMap<&str, i128> = shares.map(|(name, pence)| (&**name, *pence)).collect();
    assert_eq!(shares, expected, "{question:?}");
    assert_eq!(pence(answer.budget), budget, "{question:?}");
    assert_eq!(Pence::sum(answer.shares.iter().map(|share| share.budget)), answer.budget);
    assert_eq!(Pence::sum(answer.shares.iter().map(|share| share.spent)), answer.spent);
    let spent = oracle.changes.iter().filter(|change| {
        let line = &change.line;
        let below = |top: &String| Oracle::path(&oracle.programmes, &line.programme).contains(top);
        change.kind == Kind::Actual
            && change.position <= question.position
            && change.month <= question.through
            && line.year == question.year
            && question.class.as_ref().is_none_or(|class| *class == line.class)
            && question.programme.as_ref().is_none_or(below)
    });
    assert_eq!(pence(answer.spent), spent.map(|change| change.pence).sum::<i128>(), "{question:?}");
}

/// For each origin, the amounts held by all pools sum to the amount settled.
fn check_conservation(models: &ReadModels, paid: &[Transfer], at: u64) {
    let (origins, pools) = mixes(paid, at);
    for (index, origin) in origins.iter().enumerate() {
        let held: i128 = pools.values().map(|mix| mix[index]).sum();
        let settled = paid.iter().filter(|paid| paid.position <= at).filter(|paid| {
            let fund = paid.to.strip_prefix("fund:").and_then(|pot| pot.split('/').next());
            let kind = paid.from.strip_prefix("outside:");
            fund.zip(kind).is_some_and(|(fund, kind)| format!("{fund} {kind}") == *origin)
        });
        assert_eq!(held, settled.map(|paid| paid.pence).sum::<i128>(), "{origin} at {at}");
    }
    assert!(models.memory() > 0);
}

#[test]
fn flows_and_origins_match_the_oracle() {
    let (mut undone, mut by_rule, mut carried, mut questions) = (0, 0, 0, 0);
    for seed in 2200..2200 + rounds(60, 8) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 600);
        let oracle = book.oracle();
        let paid = transfers(&book.export());
        undone += paid.iter().filter(|paid| paid.pence < 0).count();
        by_rule += paid.iter().filter(|paid| paid.by_rule).count();
        carried += paid.iter().filter(|paid| paid.to.starts_with("EXCHANGE/")).count();
        for _ in 0..25 {
            let question = question(&mut stream.random, &oracle);
            check(&book.models(), &oracle, &paid, &question);
            questions += 1;
        }
        check_conservation(&book.models(), &paid, oracle.head());
    }
    assert!(questions >= 200);
    assert!(undone > 10 && by_rule > 10 && carried > 3, "{undone} {by_rule} {carried}");
}

/// A reader of a part sees both sides of a transfer only where both are in the part. What the
/// reader sees sums to the budget of that part.
#[test]
fn flows_a_reader_of_a_part_sees_sum_to_the_budget_of_that_part() {
    let (mut hidden, mut all) = (0, 0);
    for seed in 2400..2400 + rounds(40, 6) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 300);
        let (oracle, models) = (book.oracle(), book.models());
        let part = Part {
            bodies: Some(["RX1", "QICB"].map(parsed).into()),
            programmes: None,
            restricted: true,
        };
        let scope = Scope::of(vec![part], BTreeSet::new());
        for _ in 0..10 {
            let question = question(&mut stream.random, &oracle);
            let question = FlowQuestion { class: None, through: 13, ..question };
            let query = query(&models, &question);
            for scope in [&scope, Scope::everything()] {
                let within = models.within(scope);
                let flows = within.flows(&query).unwrap();
                let lines = within.line_figures(&BudgetQuery {
                    year: query.year,
                    programme: query.programme,
                    body: query.body,
                    class: None,
                    moment: query.moment,
                    through: None,
                    rollup: None,
                });
                let budget = Pence::sum(lines.iter().map(|(_, figures)| figures.revised));
                assert_eq!(flows.totals.net(), budget, "seed {seed}, {question:?}");
                assert_eq!(within.origins(&query).unwrap().budget, budget, "{question:?}");
                for flow in &flows.flows {
                    let sides = [flow.from.party, flow.to.party];
                    assert_ne!(sides, [Party::Hidden; 2]);
                    hidden += usize::from(sides.contains(&Party::Hidden));
                    all += 1;
                }
            }
        }
    }
    assert!(hidden > 10 && all > hidden, "{hidden} of {all} are hidden");
}

#[test]
fn flows_of_a_long_book_are_the_same_between_checkpoints_and_from_a_snapshot() {
    for seed in 2300..2300 + rounds(6, 1) {
        let mut book = crate::long_books::long_book(seed, 1000);
        let oracle = book.oracle();
        let paid = transfers(&book.export());
        assert!(paid.len() > 8300, "{} transfers make no two checkpoints", paid.len());
        let disk = SimulatedDisk::new(seed);
        book.inspect(|state, models| take_snapshot(&disk, state, models)).unwrap();
        let from_snapshot = ReadModels::read(&Snapshot::list(&disk)[0]).unwrap();
        let mut random = Random(seed);
        for _ in 0..rounds(40, 12) {
            let question =
                FlowQuestion { year: "2017-18".to_owned(), ..question(&mut random, &oracle) };
            check(&book.models(), &oracle, &paid, &question);
            check(&from_snapshot, &oracle, &paid, &question);
        }
    }
}
