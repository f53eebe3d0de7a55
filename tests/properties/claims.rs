//! Published figures compare with the ledger as the oracle computes from the exported lines.

use ledger_core::domain::claim::FigureMeasure;
use ledger_core::domain::command::{DefineScope, PublishFigure, StatedFigure};
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_tests::generate::{Random, parsed};
use ledger_tests::rounds;
use projections::claims::{ClaimComparison, ClaimsQuery};
use projections::scope::Scope;
use projections::{AsAt, ReadModels};
use serde_json::Value;

use crate::live_book::LiveBook;
use crate::oracle::{Line, Oracle, Question};
use crate::stream::Stream;

/// The end of the day on which the stream's figures are published.
const PUBLISHED: &str = "2017-10-31T23:59:59.999999Z";

/// The events of this name in an export, each with its entry.
fn events_named(export: &str, name: &str) -> Vec<(u64, Value)> {
    let entries = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let said = entries.flat_map(|entry| {
        let position = entry["position"].as_u64().unwrap();
        let events = entry["events"].as_array().unwrap().clone();
        events.into_iter().filter_map(move |event| Some((position, event.get(name)?.clone())))
    });
    said.collect()
}

fn codes(value: &Value, name: &str) -> Vec<String> {
    let codes = value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

fn is_in(oracle: &Oracle, scope: &Value, line: &Line, at: u64) -> bool {
    let any = |wanted: &[String], path: &[String]| {
        wanted.is_empty() || path.iter().any(|code| wanted.contains(code))
    };
    any(&codes(scope, "programmes"), &Oracle::path(&oracle.programmes, &line.programme))
        && any(&codes(scope, "bodies"), &oracle.body_path(&line.body, at))
        && any(&codes(scope, "classes"), std::slice::from_ref(&line.class))
}

/// A scope's figure in a year.
fn figure(oracle: &Oracle, scope: &Value, claim: &Value, at: u64) -> Option<i128> {
    let year = claim["year"].as_str()?;
    let mut lines = oracle.lines(at);
    lines.retain(|line| line.year == year && is_in(oracle, scope, line, at));
    if lines.is_empty() {
        return None;
    }
    let question = Question {
        year: year.to_owned(),
        programme: None,
        body: None,
        class: None,
        position: at,
        time: PUBLISHED.to_owned(),
        through: None,
    };
    let figures = oracle.figures(&lines, &question);
    match claim["measure"].as_str()? {
        "revised" => Some(figures.revised),
        "actual" => Some(figures.outturn.unwrap_or(figures.actual)),
        "underspend" => {
            ["outturn", "forecast"].contains(&figures.variance_basis).then_some(figures.variance)
        }
        other => panic!("{other}"),
    }
}

/// Whether a publisher who speaks of one total may have meant another: whether it counts every
/// programme of the first, and a line of it.
fn may_be_meant(oracle: &Oracle, spoken: &Value, other: &Value, year: &Value, at: u64) -> bool {
    let mut subject = oracle.lines(at);
    subject.retain(|line| *year == line.year && is_in(oracle, spoken, line, at));
    let programmes = codes(other, "programmes");
    let counts = |line: &Line| {
        let path = Oracle::path(&oracle.programmes, &line.programme);
        programmes.is_empty() || path.iter().any(|code| programmes.contains(code))
    };
    subject.iter().all(counts) && subject.iter().any(|line| is_in(oracle, other, line, at))
}

/// The amount stated, with the lowest and the highest amount that agree with it.
fn stated(figure: &Value) -> Option<(i128, i128, i128)> {
    let (certainty, amount) = figure.as_object().unwrap().iter().next().unwrap();
    let amount = i128::from(amount.as_i64()?);
    let digits = amount.to_string();
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let half = if amount == 0 { 0 } else { 10_i128.pow(zeros as u32) / 2 };
    Some(match certainty.as_str() {
        "exact" => (amount, amount, amount),
        "about" => (amount, amount - half, amount + half),
        "atLeast" => (amount, amount, i128::MAX),
        other => panic!("{other}"),
    })
}

/// The ledger's figure, the difference, whether they agree, the explaining scopes, and the rest.
type Comparison = (Option<i128>, Option<i128>, Option<bool>, Vec<String>, Option<i128>);

fn expected(
    oracle: &Oracle,
    scopes: &[(u64, Value)],
    claim: &Value,
    at: u64,
    asked_at: u64,
) -> Comparison {
    let admits =
        |pence: i128| stated(&claim["figure"]).map(|(_, low, high)| (low..=high).contains(&pence));
    let (mut ledger, mut others) = (None, Vec::new());
    let spoken = scopes.iter().map(|(_, scope)| scope).find(|s| s["code"] == claim["scope"]);
    for (_, scope) in scopes.iter().filter(|(defined, _)| *defined <= asked_at) {
        let found = figure(oracle, scope, claim, at);
        if scope["code"] == claim["scope"] {
            ledger = found;
        } else if found.and_then(admits) == Some(true)
            && spoken.is_some_and(|of| may_be_meant(oracle, of, scope, &claim["year"], at))
        {
            others.push(scope["code"].as_str().unwrap().to_owned());
        }
    }
    let (Some(pence), Some((amount, low, high))) = (ledger, stated(&claim["figure"])) else {
        return (ledger, None, None, others, None);
    };
    let left = if others.is_empty() { pence.clamp(low, high) - pence } else { 0 };
    (ledger, Some(amount - pence), admits(pence), others, Some(left))
}

fn comparison_of(comparison: &ClaimComparison) -> Comparison {
    let pence =
        |pence: Option<ledger_core::domain::money::Pence>| pence.map(|p| i128::from(p.get()));
    let others = comparison.explained_by.iter().map(|one| one.scope.to_string()).collect();
    (
        pence(comparison.ledger),
        pence(comparison.difference),
        comparison.agrees,
        others,
        pence(comparison.unexplained),
    )
}

/// Counts of the comparisons made.
#[derive(Default)]
struct Tally {
    compared: u64,
    agreed: u64,
    explained: u64,
}

impl Tally {
    /// Compares the figures published up to an entry with the ledger as at that entry.
    fn check(&mut self, models: &ReadModels, oracle: &Oracle, export: &str, at: u64) {
        let (scopes, claims) =
            (events_named(export, "scopeDefined"), events_named(export, "figurePublished"));
        let moment = models.moment(AsAt::Position(Position::new(at))).unwrap();
        let within = models.within(Scope::everything());
        let published = within.published(&ClaimsQuery { year: None, moment });
        let known: Vec<_> = claims.iter().filter(|(entry, _)| *entry <= at).collect();
        assert_eq!(published.len(), known.len(), "at {at}");
        for (comparison, (entry, claim)) in
            within.compare_claims(&published, moment).iter().zip(known)
        {
            let what = format!("at {at}: {claim}");
            assert_eq!(comparison.claim.recorded_by.get(), *entry, "{what}");
            let then = oracle.position_at(PUBLISHED).min(at);
            assert_eq!(comparison.at_publication.position.get(), then, "{what}");
            assert_eq!(
                comparison_of(&comparison.now),
                expected(oracle, &scopes, claim, at, at),
                "{what}"
            );
            let expected_then = expected(oracle, &scopes, claim, then, at);
            assert_eq!(comparison_of(&comparison.at_publication), expected_then, "{what}");
            let later = claims.iter().find(|(entry, later)| {
                *entry <= at && later.get("supersedes") == Some(&claim["code"])
            });
            let by = later.map(|(_, later)| later["code"].as_str().unwrap().to_owned());
            assert_eq!(comparison.superseded_by.map(|code| code.to_string()), by, "{what}");
            self.compared += 1;
            self.agreed += u64::from(comparison.now.agrees == Some(true));
            self.explained += u64::from(!comparison.now.explained_by.is_empty());
        }
    }
}

/// Compares the figures published up to an entry with the ledger as at that entry.
pub(crate) fn check_claims(models: &ReadModels, oracle: &Oracle, export: &str, at: u64) {
    Tally::default().check(models, oracle, export, at);
}

/// Defines totals that are parts of each other, and publishes a figure of each that nearly any agrees
/// with.
fn publish_rivals(stream: &mut Stream, book: &LiveBook) {
    let programmes = [&[][..], &["PORT"], &["WIFI"], &["WIFI", "SUSPENSE"]];
    for (number, programmes) in programmes.into_iter().enumerate() {
        for class in [None, Some(BudgetClass::Capital)] {
            let code = format!("T{number}{}", class.map_or('A', |_| 'C'));
            let defined = DefineScope {
                code: parsed(&code),
                name: parsed("A total"),
                programmes: programmes.iter().map(|code| parsed(code)).collect(),
                bodies: Vec::new(),
                classes: class.into_iter().collect(),
            };
            let published = PublishFigure {
                code: parsed(&code),
                title: parsed("A figure"),
                scope: Some(parsed(&code)),
                fund: None,
                year: Some(parsed("2017-18")),
                measure: Some(FigureMeasure::Revised),
                figure: StatedFigure::AtLeast(Pence::new(1)),
                source: parsed("minutes"),
                published_on: parsed("2017-10-31"),
                bearer: None,
                supersedes: None,
            };
            for command in [defined.into(), published.into()] {
                drop(book.post(&stream.send_plainly(command)));
            }
        }
    }
}

#[test]
fn published_figures_are_compared_with_the_figures_of_every_scope() {
    let mut tally = Tally::default();
    for seed in 7000..7000 + rounds(60, 12) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 400);
        publish_rivals(&mut stream, &book);
        let (export, oracle) = (book.export(), book.oracle());
        let mut random = Random(seed);
        for _ in 0..6 {
            tally.check(&book.models(), &oracle, &export, 1 + random.below(oracle.head()));
        }
        tally.check(&book.models(), &oracle, &export, oracle.head());
    }
    let Tally { compared, agreed, explained } = tally;
    assert!(compared > 50, "{compared}");
    assert!(agreed > 0 && explained > 0, "{agreed} {explained} of {compared}");
}
