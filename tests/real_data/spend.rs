//! Spend over £25,000 as published by five trusts, read like an importer would and posted as
//! actuals.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::command::{OpenProgramme, RecordActual, RegisterBody};
use ledger_core::domain::event::BodyKind;
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::posting::Posting;
use ledger_tests::generate::parsed;
use ledger_tests::{real_data, rounds};
use projections::AsAt;
use projections::budget::{BudgetQuery, Rollup};

use crate::book::{Book, code_of, posting, rows_of};

/// One published payment.
struct Payment {
    area: String,
    month: Month,
    amount: Pence,
    transaction: String,
}

/// The position of the month in a date.
#[derive(Clone, Copy)]
enum DateOrder {
    DayFirst,
    MonthFirst,
}

/// A file's text. Publishers save from spreadsheets: most files are ASCII, some UTF-8, some have a
/// byte-order mark, and the rest are Windows-1252, where only dashes and letters beyond ASCII
/// differ.
fn text_of(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => bytes.iter().map(|byte| windows_1252(*byte)).collect(),
    }
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x91 | 0x92 => '\'',
        0x93 | 0x94 => '"',
        0x96 => '–',
        0x97 => '—',
        0x80..=0x9F => char::REPLACEMENT_CHARACTER,
        latin => char::from(latin),
    }
}

/// Published pounds: with thousands commas, surrounding blanks, and sometimes no pence.
fn amount(text: &str) -> Pence {
    let plain = text.trim().replace(',', "");
    Pence::from_pounds(&plain).unwrap_or_else(|error| panic!("{error}"))
}

/// The month of a payment, within 2020-21.
fn month(date: &str, order: DateOrder) -> Month {
    let numbers: Vec<&str> = date.trim().split('/').collect();
    let [first, second, year] = numbers[..] else { panic!("{date}") };
    let (day, month) = match order {
        DateOrder::DayFirst => (first, second),
        DateOrder::MonthFirst => (second, first),
    };
    let noon: Timestamp = parsed(&format!("{year}-{month:0>2}-{day:0>2}T12:00:00Z"));
    let (financial_year, month) = noon.period().expect("in range");
    assert_eq!(financial_year, year_of_files(), "{date}");
    month
}

fn year_of_files() -> FinancialYear {
    parsed("2020-21")
}

/// The payments of a file. Column names and orders vary and one file lacks some columns, so a word
/// in the heading finds each.
fn payments(path: &Path, order: DateOrder) -> Vec<Payment> {
    let text = text_of(&std::fs::read(path).expect("the file"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings: Vec<String> =
        reader.headers().expect("headings").iter().map(str::to_lowercase).collect();
    let column = |word: &str| headings.iter().position(|heading| heading.contains(word));
    let date = column("date").expect("a date");
    let paid = column("amount").expect("an amount");
    // CHWE's file for June names cost centres instead of expense areas.
    let area = column("area");
    let transaction =
        column("transaction").or_else(|| column("reference")).expect("a transaction number");
    let payment = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.expect("a row");
        Payment {
            // One publisher separates some words with no-break spaces.
            area: area
                .map_or("", |area| &row[area])
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            month: month(&row[date], order),
            amount: amount(&row[paid]),
            transaction: row[transaction].trim().to_owned(),
        }
    };
    reader.records().map(payment).collect()
}

/// An expense area becomes a programme; payments without one share a programme of their own.
fn programme(area: &str) -> ProgrammeCode {
    if area.is_empty() { parsed("NO-AREA") } else { code_of(area) }
}

/// A file's postings. The file's name and the row make the key, because a split invoice repeats its
/// transaction number and some numbers are only "Various".
fn postings(name: &str, body: BodyCode, payments: &[Payment]) -> Vec<Posting> {
    let posting = |(row, payment): (usize, &Payment)| {
        let line = LineKey {
            programme: programme(&payment.area),
            body,
            year: year_of_files(),
            class: BudgetClass::Revenue,
            ring_fence: None,
        };
        let actual = RecordActual {
            line,
            month: payment.month,
            amount: payment.amount,
            transaction: Some(parsed(&payment.transaction)),
            accounting_class: None,
            discharges: None,
            concerns: None,
        };
        posting(&format!("{name} row {}", row + 2), name, actual)
    };
    payments.iter().enumerate().map(posting).collect()
}

/// A published file with its independent sums.
struct Published {
    name: String,
    body: BodyCode,
    payments: Vec<Payment>,
    sum: Pence,
    credits: usize,
}

/// The files of some organisations, in order of month.
fn published(folder: &Path, list: &str, wanted: &[&str]) -> Vec<Published> {
    let folder = folder.join("spend25k");
    let organisations = rows_of(&folder.join("organisations.csv"));
    let bodies: BTreeMap<&str, BodyCode> =
        organisations.iter().map(|row| (row["org"].as_str(), parsed(&row["ods_code"]))).collect();
    let files = rows_of(&folder.join("expected").join(list));
    let files = files.iter().filter(|file| wanted.contains(&file["org"].as_str()));
    let published = |file: &BTreeMap<String, String>| {
        let organisation = file["org"].as_str();
        let order = match file["date_order"].as_str() {
            "dmy" => DateOrder::DayFirst,
            "mdy" => DateOrder::MonthFirst,
            other => panic!("{other}"),
        };
        // The list has blanks where file names have underscores, and sometimes omits the folder.
        let name = file["file"].rsplit('/').next().expect("a name").to_owned();
        let path = folder.join(organisation).join(name.replace(' ', "_"));
        let payments = payments(&path, order);
        assert_eq!(payments.len().to_string(), file["payments"], "{name}");
        Published {
            name,
            body: bodies[organisation],
            payments,
            sum: Pence::new(file["sum_pence"].parse().expect("pence")),
            credits: file["negatives"].parse().expect("a number"),
        }
    };
    files.map(published).collect()
}

/// A book with the bodies and programmes of these files.
fn book_for(files: &[Published]) -> Book {
    let book = Book::open();
    let bodies: BTreeSet<BodyCode> = files.iter().map(|file| file.body).collect();
    let register = |code: BodyCode| RegisterBody {
        code,
        name: parsed(code.as_str()),
        kind: BodyKind::Trust,
        parent: Some(parsed("XDH")),
        opened_on: None,
    };
    let bodies = bodies.into_iter().map(|code| posting(code.as_str(), "ODS", register(code)));
    book.post(bodies.collect());
    let areas: BTreeSet<&str> =
        files.iter().flat_map(|file| &file.payments).map(|payment| payment.area.as_str()).collect();
    let open = |area: &str| {
        let name = if area.is_empty() { "No expense area" } else { area };
        let command = OpenProgramme { code: programme(area), name: parsed(name), parent: None };
        posting(&format!("area-{}", programme(area)), "Spend files", command)
    };
    book.post(areas.into_iter().map(open).collect());
    book
}

/// Posts files one after another and compares each file's spend with its independent sum.
fn check(files: &[Published]) -> Book {
    let book = book_for(files);
    for file in files {
        let before = book.head();
        let receipts = book.post(postings(&file.name, file.body, &file.payments));
        assert_eq!(receipts.len(), file.payments.len(), "{}", file.name);
        let of_body =
            |as_at| BudgetQuery { body: Some(file.body), ..book.query(year_of_files(), as_at) };
        let spent = |as_at| {
            let lines = book.rows(&of_body(as_at));
            Pence::sum(lines.iter().filter_map(|line| line.figures).map(|f| f.actual))
        };
        let by_figures = spent(AsAt::Now).minus(spent(AsAt::Position(before)));
        assert_eq!(by_figures, file.sum, "{} by figures", file.name);

        let entries = book.spend_by_entry(&of_body(AsAt::Now));
        let of_file = entries.iter().filter(|(position, _)| *position > before);
        let amounts: Vec<Pence> = of_file.map(|(_, amount)| *amount).collect();
        assert_eq!(amounts.len(), file.payments.len(), "{} by entries", file.name);
        assert_eq!(Pence::sum(amounts.iter().copied()), file.sum, "{} by entries", file.name);
        let credits = amounts.iter().filter(|amount| amount.is_negative()).count();
        assert_eq!(credits, file.credits, "{} credits", file.name);
    }
    book
}

#[test]
fn a_year_of_spend_files_equals_independent_sums_file_by_file_and_posts_once() {
    let Some(folder) = real_data() else { return };
    let files = published(&folder, "files.csv", &["CHWE"]);
    assert_eq!(files.len(), 12);
    let book = check(&files);

    let head = book.head();
    for file in &files {
        let again = book.post(postings(&file.name, file.body, &file.payments));
        assert!(again.iter().all(|receipt| receipt.replayed), "{}", file.name);
    }
    assert_eq!(book.head(), head, "a second run posts nothing");
}

#[test]
fn spend_by_month_and_expense_area_equals_independent_sums_in_every_publisher_s_form() {
    let Some(folder) = real_data() else { return };
    let wanted = ["CHWE", "CROY", "EPSH", "IMPC", "LEGR"];
    let files = published(&folder, "files.csv", &wanted);
    assert_eq!(files.len(), 59, "five trusts, one of which left a month out");
    let book = check(&files);

    let organisations = rows_of(&folder.join("spend25k/organisations.csv"));
    let mut compared = 0;
    for organisation in &organisations {
        let expected = rows_of(&folder.join("spend25k/expected/by_org_month_area.csv"));
        let of_body = expected.iter().filter(|row| row["org"] == organisation["org"]);
        let mut sums: BTreeMap<(Month, ProgrammeCode), Pence> = BTreeMap::new();
        for row in of_body {
            let (year, number) = row["month"].split_once('-').expect("year and month");
            let month = month(&format!("01/{number}/{year}"), DateOrder::DayFirst);
            let sum = sums.entry((month, programme(&row["expense_area"]))).or_default();
            *sum = sum.plus(Pence::new(row["sum_pence"].parse().expect("pence")));
        }
        if sums.is_empty() {
            continue;
        }
        let mut before: BTreeMap<ProgrammeCode, Pence> = BTreeMap::new();
        for month in Month::all() {
            let lines = book.rows(&BudgetQuery {
                body: Some(parsed(&organisation["ods_code"])),
                through: Some(month),
                rollup: Some(Rollup::Programme),
                ..book.query(year_of_files(), AsAt::Now)
            });
            for line in lines {
                let area = line.programme.expect("a programme");
                let through = line.figures.expect("figures").actual;
                let spent = through.minus(before.insert(area, through).unwrap_or_default());
                let expected = sums.remove(&(month, area)).unwrap_or_default();
                assert_eq!(spent, expected, "{} {month} {area}", organisation["org"]);
                compared += 1;
            }
        }
        assert!(sums.is_empty(), "{}: {sums:?}", organisation["org"]);
    }
    assert!(compared > 2_000, "{compared} months of areas");
}

#[test]
fn small_payments_by_the_ten_thousand_add_up_to_the_penny() {
    let Some(folder) = real_data() else { return };
    let files = published(&folder, "files_guys.csv", &["GUYS"]);
    let few = usize::try_from(rounds(2, 1)).expect("one or two");
    check(&files[..few]);
}
