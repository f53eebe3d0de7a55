//! The results of closed years and their reasons: questions 7, 11 and 19.

use serde_json::{Value, json};

use crate::Question;
use crate::asking::{has, nodes, row, text};

pub(crate) const QUESTIONS: fn() -> Vec<Question> = || {
    vec![
        Question {
            number: 7,
            title: "Is an underspend slippage, saving, clawback or diversion, and where did it go?",
            explanation: "X-STEADY underspent by £18m in 2025-26: £10m is slippage, £3m is saving, and £5m is
                unexplained. It underspent by £15m in 2024-25: £9m was clawed back and £6m diverted.
                The last two commands list the destination of each entry: £1.0m of X-DEFER went to the next
                year, and £31.0m of the technology programmes of 2017-18 went to suspense.",
            commands: &["show reasons --year 2025-26 --programme X-STEADY", "show outflows --year 2024-25 --programme X-DEFER", "show outflows --year 2017-18 --programme TECH"],
            query: r#"{
  latest: underspendsByReason(year: "2025-26", filter: { programme: "X-STEADY" }) {
    rows(first: 5) { edges { node { underspend slippage saving clawback diversion unexplained } } }
  }
  before: underspendsByReason(year: "2024-25", filter: { programme: "X-STEADY" }) {
    rows(first: 5) { edges { node { underspend slippage saving clawback diversion unexplained } } }
  }
  deferred: underspendsByReason(year: "2024-25", filter: { programme: "X-DEFER" }) {
    outflows(first: 5) {
      edges { node { amount destinations { kind to { line amount } } } }
    }
  }
  diverted: underspendsByReason(year: "2017-18", filter: { programme: "TECH" }) {
    outflows(first: 5) {
      edges { node { amount destinations { kind to { line amount } } } }
    }
  }
}"#,
            check: reasons,
        },
        Question {
            number: 11,
            title: "Which programmes underspent three years running?",
            explanation: "Two programmes: the national programme for IT from 2004-05 to 2006-07 (£160m, £190m
                and £478m, £828m in all), and the illustrative X-STEADY from 2023-24 to 2025-26
                (£12m, £15m and £18m). Only hard-closed years count, because other years have no
                outturn yet.",
            commands: &["show persistent"],
            query: r#"{
  persistentVariances(running: 3) {
    rows(first: 10) {
      edges {
        node { programme { code name } underspend years { year revised outturn underspend percent } }
      }
    }
  }
}"#,
            check: persistent,
        },
        Question {
            number: 19,
            title: "Which postings hit a closed period, and what was restated?",
            explanation: "An invoice of £1.5m for 2024-25 came after that year was hard-closed. It is posted
                in 2025-26 and tagged with the year it concerns. The posted spend of 2024-25 stays
                £95.0m, and its restated spend is £96.5m.",
            commands: &["show restated --year 2024-25 --total", "show restated --year 2024-25"],
            query: r#"{
  financialYear(year: "2024-25") {
    hardClosed
    restated(filter: { programme: "X-STEADY" }) { measure posted adjusted restated }
    adjustments(first: 5) {
      edges { node { postedOn measure amount entry { position reason } } }
    }
  }
}"#,
            check: restated,
        },
    ]
};

fn reasons(answer: &Value) {
    for (year, figures) in [
        ("latest", ["18000000.00", "10000000.00", "3000000.00", "0.00", "0.00", "5000000.00"]),
        ("before", ["15000000.00", "0.00", "0.00", "9000000.00", "6000000.00", "0.00"]),
    ] {
        let rows = nodes(&answer[year]["rows"]);
        assert_eq!(rows.len(), 1, "{year}");
        let names = ["underspend", "slippage", "saving", "clawback", "diversion", "unexplained"];
        let expected: Vec<(&str, &str)> = names.into_iter().zip(figures).collect();
        has(&rows[0], &expected);
    }
    let deferred = nodes(&answer["deferred"]["outflows"]);
    let to = json!({ "line": "EXCHANGE/XDH/2025-26/capital", "amount": "1000000.00" });
    let exchanged = json!({ "kind": "BUDGET_EXCHANGED", "to": to });
    assert_eq!(deferred, [json!({ "amount": "1000000.00", "destinations": [exchanged] })]);
    let diverted = nodes(&answer["diverted"]["outflows"]);
    // £94.7m was given, and £63.7m of it stayed within the portfolio.
    let outside = row(&diverted, "amount", "31000000.00");
    let to = json!({ "line": "SUSPENSE/XDH/2017-18/unsplit", "amount": "31000000.00" });
    assert_eq!(outside["destinations"], json!([{ "kind": "REALLOCATED", "to": to }]));
}

fn persistent(answer: &Value) {
    let rows = nodes(&answer["persistentVariances"]["rows"]);
    let of = |code: &str| {
        let found = row(&rows, "programme/code", code);
        let years = found["years"].as_array().expect("years");
        years
            .iter()
            .map(|year| (text(&year["year"]).to_owned(), text(&year["underspend"]).to_owned()))
            .collect::<Vec<_>>()
    };
    let years = |expected: [(&str, &str); 3]| {
        expected.map(|(year, underspend)| (year.to_owned(), underspend.to_owned()))
    };
    assert_eq!(
        of("X-STEADY"),
        years([("2023-24", "12000000.00"), ("2024-25", "15000000.00"), ("2025-26", "18000000.00")])
    );
    // 780 less 620, 1,158 less 968, 1,595 less 1,117.
    assert_eq!(
        of("NPFIT"),
        years([
            ("2004-05", "160000000.00"),
            ("2005-06", "190000000.00"),
            ("2006-07", "478000000.00")
        ])
    );
    has(row(&rows, "programme/code", "NPFIT"), &[("underspend", "828000000.00")]);
    assert_eq!(rows.len(), 2);
}

fn restated(answer: &Value) {
    let year = &answer["financialYear"];
    assert_eq!(year["hardClosed"], true);
    let figures = year["restated"].as_array().expect("figures");
    let spent = row(figures, "measure", "ACTUAL");
    let amounts =
        [("posted", "95000000.00"), ("adjusted", "1500000.00"), ("restated", "96500000.00")];
    has(spent, &amounts);
    // £110m of budget, without adjustments.
    let budget = row(figures, "measure", "REVISED");
    has(budget, &[("adjusted", "0.00"), ("restated", text(&budget["posted"]))]);
    let adjustments = nodes(&year["adjustments"]);
    assert_eq!(adjustments.len(), 1);
    has(
        &adjustments[0],
        &[
            ("postedOn", "X-STEADY/XDH/2025-26/capital"),
            ("measure", "ACTUAL"),
            ("amount", "1500000.00"),
        ],
    );
}
