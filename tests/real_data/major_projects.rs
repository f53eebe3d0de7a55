//! The government's major projects from 2013-14 to 2019-20: published budgets and forecasts, as
//! commands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{FundCode, ProgrammeCode};
use ledger_core::domain::command::{
    Allocate, EstablishFund, LineAmount, OpenProgramme, ReviseForecast, SettleFunding,
    StrikeBaseline,
};
use ledger_core::domain::event::Series;
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::posting::Posting;
use ledger_tests::generate::parsed;
use ledger_tests::real_data;
use projections::AsAt;
use projections::budget::{BudgetQuery, Rollup};
use projections::figures::{Sense, VarianceBasis};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::book::{Book, code_of, posting, rows_of};

const SOURCE: &str = "Infrastructure and Projects Authority, major projects data";

/// One project in one year.
struct Project {
    year: FinancialYear,
    code: ProgrammeCode,
    name: String,
    class: BudgetClass,
    technology: bool,
    /// None where the department withheld it.
    budget: Option<Pence>,
    forecast: Option<Pence>,
}

impl Project {
    fn of(row: &BTreeMap<String, String>) -> Self {
        let name = row["project_name"].clone();
        // Releases spell a name in several ways (`NHS UK`, `NHS.UK`), and few give an id.
        let spelt = name.to_uppercase();
        let plain: String = spelt.chars().filter(char::is_ascii_alphanumeric).collect();
        let class = match row["capital_revenue"].as_str() {
            // Most releases give no class.
            "unknown" => BudgetClass::Unsplit,
            class => parsed(class),
        };
        Project {
            year: parsed(&row["fy"]),
            code: code_of(&plain),
            name,
            class,
            technology: row["nhs_it"] == "1",
            budget: amount(row, "baseline"),
            forecast: amount(row, "forecast"),
        }
    }

    fn line(&self) -> LineKey {
        LineKey {
            programme: self.code,
            body: parsed("XDH"),
            year: self.year,
            class: self.class,
            ring_fence: None,
        }
    }
}

/// A published figure in £ million, to the nearest penny; None where words replace a withheld
/// figure. The data's own cleaned figure must be the same.
fn amount(row: &BTreeMap<String, String>, column: &str) -> Option<Pence> {
    let raw = row[&format!("{column}_raw")].as_str();
    // Some releases write the pound sign in another code page, and some add the unit.
    let bare = raw.trim_start_matches(['£', 'Ł']).trim_end_matches('m').replace(',', "");
    let millions = bare.parse::<Decimal>().ok();
    let pounds = millions.map(|millions| {
        let exact = millions * Decimal::from(1_000_000);
        exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
    });
    let amount = pounds.map(|pounds| Pence::from_decimal(pounds).expect("whole pence"));
    let cleaned = row[&format!("{column}_pence")].parse().ok().map(Pence::new);
    assert_eq!(amount, cleaned, "{raw}");
    assert_eq!(amount.is_some(), row[&format!("{column}_status")] == "value", "{raw}");
    amount
}

fn projects(folder: &Path) -> Vec<Project> {
    let rows = rows_of(&folder.join("gmpp/dhsc_projects_2013-14_to_2019-20.csv"));
    rows.iter().map(Project::of).collect()
}

fn fund() -> FundCode {
    parsed("MAJOR")
}

fn technology() -> ProgrammeCode {
    parsed("TECHNOLOGY")
}

/// The opening of a book for the projects: a fund that can pay them all, and a programme each.
fn opening(projects: &[Project]) -> Vec<Posting> {
    let name = parsed("Major projects");
    let mut postings = vec![
        posting("fund", SOURCE, EstablishFund { code: fund(), name, parent: None }),
        posting(
            "technology",
            SOURCE,
            OpenProgramme { code: technology(), name: parsed("Technology"), parent: None },
        ),
    ];
    for class in BudgetClass::ALL {
        let of_class = projects.iter().filter(|project| project.class == class);
        let settlement = SettleFunding {
            fund: fund(),
            class,
            from: parsed("2013-14"),
            to: parsed("2019-20"),
            new_money: Pence::sum(of_class.filter_map(|project| project.budget)),
            reannounced: Pence::ZERO,
        };
        postings.push(posting(&format!("settle-{class}"), SOURCE, settlement));
    }
    let mut opened = BTreeSet::new();
    for project in projects {
        if opened.insert(project.code) {
            let parent = project.technology.then(technology);
            let (code, name) = (project.code, parsed(&project.name));
            postings.push(posting(
                &format!("open-{code}"),
                SOURCE,
                OpenProgramme { code, name, parent },
            ));
        }
    }
    postings
}

/// Posts a published budget. A published 0.00 opens the line, a withheld budget posts nothing.
fn budget(project: &Project) -> Option<Posting> {
    let (line, amount) = (project.line(), project.budget?);
    let to = std::iter::once(LineAmount { line, amount }).collect();
    let (fund, class, month, concerns) = (fund(), None, Month::M1, None);
    let allocation = Allocate { fund, class, month, to, concerns };
    Some(posting(&format!("budget-{}-{}", project.year, project.code), SOURCE, allocation))
}

/// Posts a published forecast as reported at the half-year.
fn forecast(project: &Project) -> Option<Posting> {
    let (line, amount) = (project.line(), project.forecast?);
    let (month, series, phasing) = (parsed("M6"), Series::Reported, None);
    let forecast = ReviseForecast { line, month, series, amount, phasing };
    Some(posting(&format!("forecast-{}-{}", project.year, project.code), SOURCE, forecast))
}

fn book_of(projects: &[Project]) -> Book {
    let book = Book::open();
    book.post(opening(projects));
    book.post(projects.iter().filter_map(budget).collect());
    book.post(projects.iter().filter_map(forecast).collect());
    let years: BTreeSet<FinancialYear> = projects.iter().map(|project| project.year).collect();
    let strike = |year: FinancialYear| {
        let struck = StrikeBaseline { year, name: parsed("original") };
        posting(&format!("strike-{year}"), SOURCE, struck)
    };
    book.post(years.into_iter().map(strike).collect());
    book
}

/// Compares the years of a book with a file of independent totals.
fn check(book: &Book, expected: &Path, programme: Option<ProgrammeCode>) {
    let years = rows_of(expected);
    assert_eq!(years.len(), 7);
    for expected in years {
        let number = |column: &str| expected[column].parse::<i64>().expect(column);
        let year = parsed(&expected["fy"]);
        let query = BudgetQuery { programme, ..book.query(year, AsAt::Now) };
        let total = book.only(&BudgetQuery { rollup: Some(Rollup::Year), ..query });
        let published = Pence::new(number("baseline_pence"));
        assert_eq!(total.revised, published, "{year} revised");
        assert_eq!(total.original, Some(published), "{year} original");
        assert_eq!(
            total.forecast.known,
            Some(Pence::new(number("forecast_pence"))),
            "{year} forecast"
        );
        // The file's variance is forecast less budget, the book's is the opposite.
        let variance = Pence::new(number("variance_pence")).negated();
        assert_eq!(total.variance(), (variance, VarianceBasis::Forecast), "{year} variance");

        let lines = book.rows(&query);
        assert_eq!(i64::try_from(lines.len()).ok(), Some(number("with_both")), "{year} projects");
        for (sense, column) in [(Sense::Favourable, "under"), (Sense::Adverse, "over")] {
            let count =
                lines.iter().filter(|line| line.figures.is_some_and(|f| f.sense() == sense));
            assert_eq!(i64::try_from(count.count()).ok(), Some(number(column)), "{year} {column}");
        }
    }
}

#[test]
fn totals_of_each_year_are_the_published_ones_to_the_penny() {
    let Some(folder) = real_data() else { return };
    let book = book_of(&projects(&folder));
    check(&book, &folder.join("gmpp/expected_dhsc_by_fy.csv"), None);
}

#[test]
fn the_technology_branch_of_the_programme_tree_has_its_published_totals() {
    let Some(folder) = real_data() else { return };
    let book = book_of(&projects(&folder));
    check(&book, &folder.join("gmpp/expected_dhsc_it_by_fy.csv"), Some(technology()));
}

#[test]
fn a_withheld_figure_is_null_and_never_zero() {
    let Some(folder) = real_data() else { return };
    let projects = projects(&folder);
    let book = book_of(&projects);
    let (mut withheld, mut zeros) = (0, 0);
    for project in &projects {
        let (programme, rollup) = (Some(project.code), Some(Rollup::Programme));
        let query = book.query(project.year, AsAt::Now);
        let asked = book.rows(&BudgetQuery { programme, rollup, ..query });
        assert_eq!(asked.len(), 1, "{} {}", project.year, project.name);
        let row = &asked[0];
        assert_eq!(row.figures.map(|f| f.revised), project.budget, "{}", project.name);
        assert_eq!(
            row.figures.and_then(|f| f.forecast.known),
            project.forecast,
            "{}",
            project.name
        );
        zeros += usize::from(project.budget == Some(Pence::ZERO));
        if project.budget.is_none() {
            withheld += 1;
            assert_eq!((row.figures, row.status), (None, None), "{}", project.name);
            let all = book.rows(&BudgetQuery { rollup, ..query });
            assert!(all.iter().all(|row| row.programme != programme), "{}", project.name);
        }
    }
    assert_eq!((withheld, zeros), (7, 10), "withheld, and published as 0.00");
}

#[test]
fn a_missing_forecast_is_null_and_a_forecast_of_zero_is_zero() {
    let Some(folder) = real_data() else { return };
    let projects = projects(&folder);
    let book = Book::open();
    book.post(opening(&projects));
    book.post(projects.iter().filter_map(budget).collect());
    let before = AsAt::Position(book.head());
    book.post(projects.iter().filter_map(forecast).collect());
    let mut zeros = 0;
    for project in projects.iter().filter(|project| project.forecast.is_some()) {
        let of_project = |as_at| {
            let programme = Some(project.code);
            book.only(&BudgetQuery { programme, ..book.query(project.year, as_at) })
        };
        assert_eq!(of_project(before).forecast.known, None, "{}", project.name);
        assert_eq!(of_project(AsAt::Now).forecast.known, project.forecast, "{}", project.name);
        zeros += usize::from(project.forecast == Some(Pence::ZERO));
    }
    assert_eq!(zeros, 9, "forecasts published as 0.00");
}
