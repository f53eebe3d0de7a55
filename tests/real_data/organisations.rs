//! NHS organisations with their hierarchy: the postings the book accepts for each, and the totals
//! of the bodies above.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::command::{
    CloseBody, Command, MergeBodies, OpenProgramme, RecordActual, RegisterBody,
};
use ledger_core::domain::event::BodyKind;
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::rejection::Rejection;
use ledger_core::writer::{Outcome, Refusal};
use ledger_tests::generate::parsed;
use ledger_tests::real_data;
use projections::AsAt;
use projections::budget::{BudgetQuery, Rollup};

use crate::book::{Book, posting, rows_of};

const SOURCE: &str = "NHS organisation data service";

/// An organisation in the data; dates are eight digits, which sort by time.
struct Organisation {
    code: BodyCode,
    name: String,
    kind: BodyKind,
    above: BodyCode,
    opened: String,
    closed: Option<String>,
}

fn department() -> BodyCode {
    parsed("XDH")
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Every organisation, parents first.
fn organisations(folder: &Path) -> Vec<Organisation> {
    let rows = rows_of(&folder.join("ods/organisations.csv"));
    // The data gives an ICB no region: its trusts' region is taken.
    let region_of_icb: BTreeMap<&str, &str> = rows
        .iter()
        .filter(|row| row["kind"] == "trust" && !row["icb"].is_empty())
        .map(|row| (row["icb"].as_str(), row["region"].as_str()))
        .collect();
    let regions: BTreeMap<&str, &str> =
        rows.iter().map(|row| (row["region"].as_str(), row["region_name"].as_str())).collect();
    let regions = regions.into_iter().filter(|(code, _)| !code.is_empty());
    let mut all: Vec<Organisation> = regions
        .map(|(code, name)| Organisation {
            code: parsed(code),
            name: name.to_owned(),
            kind: BodyKind::Region,
            above: department(),
            opened: "19480705".to_owned(),
            closed: None,
        })
        .collect();
    let organisation = |row: &BTreeMap<String, String>| {
        let (kind, above) = match row["kind"].as_str() {
            "icb" => (BodyKind::Icb, region_of_icb.get(row["code"].as_str()).copied()),
            "trust" => (BodyKind::Trust, some(&row["icb"])),
            "ccg_or_sub_icb" => (BodyKind::Ccg, some(&row["icb"])),
            other => panic!("{other}"),
        };
        Organisation {
            code: parsed(&row["code"]),
            name: row["name"].clone(),
            kind,
            // Three Welsh bodies have neither ICB nor region here.
            above: above.map_or_else(department, parsed),
            opened: row["open"].clone(),
            closed: some(&row["close"]).map(str::to_owned),
        }
    };
    all.extend(rows.iter().filter(|row| row["kind"] == "icb").map(organisation));
    all.extend(rows.iter().filter(|row| row["kind"] != "icb").map(organisation));
    all
}

/// A date of the data, in the commands' form.
fn date<T: serde::de::DeserializeOwned>(digits: &str) -> T {
    let (year, day) = digits.split_at(4);
    let (month, day) = day.split_at(2);
    serde_json::from_value(format!("{year}-{month}-{day}").into()).expect("a date")
}

fn registration(organisation: &Organisation) -> RegisterBody {
    RegisterBody {
        code: organisation.code,
        name: parsed(&organisation.name),
        kind: organisation.kind,
        parent: Some(organisation.above),
        opened_on: Some(date(&organisation.opened)),
    }
}

fn post_as(what: &str, body: BodyCode, command: impl Into<Command>) -> Posting {
    posting(&format!("{what}-{body}"), SOURCE, command)
}

fn book_of(organisations: &[Organisation]) -> Book {
    let book = Book::open();
    let register = |of: &Organisation| post_as("register", of.code, registration(of));
    book.post(organisations.iter().map(register).collect());
    let close = |of: &Organisation| {
        let on = date(of.closed.as_ref()?);
        Some(post_as("close", of.code, CloseBody { code: of.code, on }))
    };
    book.post(organisations.iter().filter_map(close).collect());
    let (code, name, parent) = (parsed("WIFI"), parsed("Wi-Fi"), None);
    book.post(vec![posting("programme", SOURCE, OpenProgramme { code, name, parent })]);
    book
}

fn spend(body: BodyCode, year: &str, month: Month, amount: Pence) -> Posting {
    let line = LineKey {
        programme: parsed("WIFI"),
        body,
        year: parsed(year),
        class: BudgetClass::Revenue,
        ring_fence: None,
    };
    let actual = RecordActual {
        line,
        month,
        amount,
        transaction: None,
        accounting_class: None,
        discharges: None,
        concerns: None,
    };
    posting(&format!("spend-{body}-{year}-{month}"), SOURCE, actual)
}

fn rejection(outcome: Outcome) -> Rejection {
    match outcome {
        Err(Refusal::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
}

/// Posts different spend at every body that existed in September 2020 and returns the amounts.
fn spend_everywhere(book: &Book, organisations: &[Organisation]) -> BTreeMap<BodyCode, Pence> {
    let mut spent = BTreeMap::new();
    for (number, organisation) in (1_i64..).zip(organisations) {
        // Square numbers make the sums of different bodies distinct.
        let (code, amount) = (organisation.code, Pence::new(number * number));
        let outcome = book.try_post(vec![spend(code, "2020-21", parsed("M6"), amount)]).remove(0);
        if organisation.closed.as_deref().is_some_and(|closed| closed < "20200901") {
            let refused = rejection(outcome);
            assert!(matches!(refused, Rejection::BodyClosed { .. }), "{code}: {refused}");
        } else if organisation.opened.as_str() > "20200930" {
            let refused = rejection(outcome);
            assert!(matches!(refused, Rejection::BodyNotOpen { .. }), "{code}: {refused}");
        } else {
            outcome.expect("a body that exists");
            spent.insert(code, amount);
        }
    }
    spent
}

#[test]
fn a_body_takes_postings_only_of_the_months_it_exists_in() {
    let Some(folder) = real_data() else { return };
    let organisations = organisations(&folder);
    assert_eq!(organisations.len(), 635 + 7, "organisations and regions");
    let book = book_of(&organisations);
    let spent = spend_everywhere(&book, &organisations);
    let refused = organisations.len() - spent.len();
    assert!(spent.len() > 300 && refused > 200, "{} took spend, {refused} refused", spent.len());
}

#[test]
fn the_last_day_of_a_body_counts_and_the_month_after_does_not() {
    let Some(folder) = real_data() else { return };
    let organisations = organisations(&folder);
    let book = book_of(&organisations);
    let one = Pence::new(1);
    // Weston Area Health closed on 31 March 2020; the ICBs opened on 1 July 2022.
    let table = [
        ("RA3", "2019-20", "M12", true),
        ("RA3", "2019-20", "M13", true),
        ("RA3", "2020-21", "M1", false),
        ("QUY", "2022-23", "M3", false),
        ("QUY", "2022-23", "M4", true),
    ];
    for (body, year, month, taken) in table {
        let outcome = book.try_post(vec![spend(parsed(body), year, parsed(month), one)]).remove(0);
        assert_eq!(outcome.is_ok(), taken, "{body} {year} {month}: {outcome:?}");
    }
}

#[test]
fn spend_rolls_up_from_trusts_through_boards_and_regions_to_the_department() {
    let Some(folder) = real_data() else { return };
    let organisations = organisations(&folder);
    let book = book_of(&organisations);
    let spent = spend_everywhere(&book, &organisations);

    let above: BTreeMap<BodyCode, BodyCode> =
        organisations.iter().map(|of| (of.code, of.above)).collect();
    let mut expected: BTreeMap<BodyCode, Pence> = BTreeMap::new();
    for (body, amount) in &spent {
        let mut next = Some(body);
        while let Some(body) = next {
            let sum = expected.entry(*body).or_default();
            *sum = sum.plus(*amount);
            next = above.get(body);
        }
    }

    let year: FinancialYear = parsed("2020-21");
    let query = BudgetQuery { rollup: Some(Rollup::Body), ..book.query(year, AsAt::Now) };
    let rolled_up: BTreeMap<BodyCode, Pence> = book
        .rows(&query)
        .into_iter()
        .map(|row| (row.body.expect("a body"), row.figures.expect("figures").actual))
        .collect();
    assert!(rolled_up.keys().eq(expected.keys()), "bodies with spend, or with some below them");
    for (code, sum) in &rolled_up {
        assert_eq!(*sum, expected[code], "{code}");
    }
    assert_eq!(expected[&department()], Pence::sum(spent.values().copied()));

    // A question by code gives the same sum of the body and all bodies below it, even for a year in
    // which the body itself did not exist.
    for (code, sum) in expected {
        let (body, rollup) = (Some(code), Some(Rollup::Year));
        let own = book.only(&BudgetQuery { body, rollup, ..query });
        assert_eq!(own.actual, sum, "{code}");
    }
}

#[test]
fn a_body_that_merged_names_its_successor_and_keeps_its_figures_under_both_codes() {
    let Some(folder) = real_data() else { return };
    let mut organisations = organisations(&folder);
    let (weston, bristol): (BodyCode, BodyCode) = (parsed("RA3"), parsed("RA7"));
    for organisation in &mut organisations {
        // The data closes Weston without a successor; this merger adds one.
        organisation.closed.take_if(|_| organisation.code == weston);
    }
    let book = book_of(&organisations);
    let merger = MergeBodies { from: vec![weston], into: bristol, on: date("20200331") };
    book.post(vec![spend(weston, "2019-20", parsed("M12"), Pence::new(700))]);
    let before = AsAt::Position(book.head());
    book.post(vec![post_as("merge", weston, merger)]);

    let late = spend(weston, "2020-21", Month::M1, Pence::new(1));
    let refused = rejection(book.try_post(vec![late]).remove(0));
    let Rejection::BodyClosed { code, successor, .. } = refused else { panic!("{refused}") };
    assert_eq!((code, successor), (weston, Some(bristol)));
    book.post(vec![spend(bristol, "2020-21", Month::M1, Pence::new(900))]);
    let of = |code: BodyCode, year, as_at| {
        let (body, rollup) = (Some(code), Some(Rollup::Year));
        let rows = book.rows(&BudgetQuery { body, rollup, ..book.query(parsed(year), as_at) });
        rows.first().and_then(|row| row.figures).map(|figures| figures.actual.get())
    };
    for as_at in [AsAt::Now, before] {
        assert_eq!(of(weston, "2019-20", as_at), Some(700), "Weston keeps its own figures");
    }
    assert_eq!(of(bristol, "2019-20", AsAt::Now), Some(700), "the successor has them too");
    assert_eq!(of(bristol, "2019-20", before), None);
    assert_eq!(of(bristol, "2020-21", AsAt::Now), Some(900));
    assert_eq!(of(weston, "2020-21", AsAt::Now), None);
}

#[test]
fn each_code_of_the_data_names_one_body() {
    let Some(folder) = real_data() else { return };
    let organisations = organisations(&folder);
    let book = book_of(&organisations);
    let codes: BTreeSet<String> = organisations.iter().map(|of| of.code.to_string()).collect();
    assert_eq!(codes.len(), organisations.len());

    for organisation in &organisations {
        let again = post_as("again", organisation.code, registration(organisation));
        let refused = rejection(book.try_post(vec![again]).remove(0));
        assert!(matches!(refused, Rejection::CodeTaken { .. }), "{refused}");
        // Typed forms: small letters, and surrounding blanks.
        let code = organisation.code.to_string();
        for mistaken in [code.to_lowercase(), format!(" {code}"), format!("{code} ")] {
            // Codes of digits only have no small letters.
            assert!(mistaken == code || mistaken.parse::<BodyCode>().is_err(), "{mistaken:?}");
        }
    }

    let unknown = spend(parsed("RQMX"), "2020-21", Month::M1, Pence::new(1));
    let refused = rejection(book.try_post(vec![unknown]).remove(0));
    let Rejection::UnknownBody { code, like } = refused else { panic!("{refused}") };
    assert_eq!(code, parsed("RQMX"));
    assert!(like.is_some_and(|like| codes.contains(&like)), "an existing code is suggested");
}
