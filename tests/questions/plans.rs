//! Plans, forecasts and commitments: questions 4, 5, 12, 16, 18 and 20.

use serde_json::{Value, json};

use crate::Question;
use crate::asking::{cells, has, nodes, row};

pub(crate) const QUESTIONS: fn() -> Vec<Question> = || {
    vec![
        Question {
            number: 4,
            title: "What was the plan for a year, as known on a date?",
            explanation: "Cyber security in 2017-18, as known on 1 March 2018. The plan was £8.7m, no recorded
                movement had changed it, and the forecast was £31.5m. The outturn of £72.4m was
                published in July 2018: on 1 March the book held no spend.",
            commands: &["budget --year 2017-18 --programme CYBER --as-of 2018-03-01"],
            query: r#"{
  financialYear(year: "2017-18", asAt: { recordedAt: "2018-03-01T23:59:59Z" }) {
    plannedVersusActual(filter: { programme: "CYBER" }) {
      rows(first: 5) {
        edges { node { programme { name } figures { original revised forecast actual } } }
      }
    }
  }
}"#,
            check: as_known,
        },
        Question {
            number: 5,
            title: "Original, revised, forecast, outturn: which entry caused each step?",
            explanation: "The answer lists each step of cyber security's year. The original budget was £8.7m.
                One entry moved £63.7m to it from two donors, which makes £72.4m; the entry itself
                says that it is inferred. One entry stated the forecast of £31.5m, and one the
                outturn of £72.4m.",
            commands: &["bridge --year 2017-18 --programme CYBER"],
            query: r#"{
  bridge(year: "2017-18", filter: { programme: "CYBER" }) {
    original revised forecast outturn
    revisions: steps(stage: REVISED, first: 5) {
      edges { node { position before amount after entry { reason inferred } } }
    }
    forecasts: steps(stage: FORECAST, first: 5) {
      edges { node { position before amount after entry { reason } } }
    }
    outturns: steps(stage: OUTTURN, first: 5) {
      edges { node { position before amount after entry { reason } } }
    }
  }
}"#,
            check: steps,
        },
        Question {
            number: 12,
            title: "What is committed but not drawn down, at risk on 31 March?",
            explanation: "Orders of 2025-26 that were still open when the year ended. Their budget was
                committed and not spent, and it ends with the year. £12m was ordered first, £7m of
                it was delivered and £5m stayed open. £9m was ordered next, £2m of it was released
                and £7m stayed open. £12m is open in all.",
            commands: &["show at-risk --year 2025-26"],
            query: r#"{
  commitmentsAtRisk(year: "2025-26") {
    open
    rows(first: 5) { edges { node { reference line made open } } }
  }
}"#,
            check: at_risk,
        },
        Question {
            number: 16,
            title: "Who revised a forecast in the last quarter, and by how much?",
            explanation: "From January to March of 2025-26 the forecast of X-STEADY fell three times, from
                £116m to £105m. One person lowered it by £4m and by £3m, and another person by £4m. None is a first
                statement of a forecast, which would be no revision. They were recorded in July
                2026: days of recording may be named in place of a year.",
                        commands: &[
                "show revisions --year 2025-26 --last-quarter",
                "show revisions --from 2026-07-01 --to 2026-09-30",
            ],
            query: r#"{
  forecastRevisions(year: "2025-26", fromMonth: "M10") {
    rows(first: 10) {
      edges { node { line month firstStatement before change after entry { actor } } }
    }
  }
}"#,
            check: revisions,
        },
        Question {
            number: 18,
            title: "How accurate were M6 forecasts against outturn?",
            explanation: "For each closed year, the answer compares the forecast at half-year (September, the
                sixth month) with the spend. X-STEADY spent less than forecast each time, and the
                difference grew each year: £7m, £9m and £14m, which is 7.4%, 8.7% and 12.1% of the
                forecast.",
            commands: &["show accuracy --programme X-STEADY --month M6"],
            query: r#"{
  forecastAccuracy(month: "M6", filter: { programme: "X-STEADY" }) {
    rows(first: 5) { edges { node { year forecast outturn difference percent } } }
  }
}"#,
            check: accuracy,
        },
        Question {
            number: 20,
            title: "What would cancelling a programme release, net of spend and commitments?",
            explanation: "X-STOP has £50m in 2026-27. £12m is spent and £8m is committed, so cancelling it
                would release £30m: X-FUND would have £55m to allocate in place of £25m. Nothing is
                stored: the cancellation is checked by the rules in force and applied to a copy.
                `book` answers every question about that copy.",
            commands: &["what-if --cancel X-STOP --to fund:X-FUND --month M9"],
            query: r#"{
  whatIf(input: { postings: [{ cancelProgramme: {
    programme: "X-STOP", to: { fund: "X-FUND" }, month: "M9",
    reason: "Supposed", idempotencyKey: "what-if"
  } }] }) {
    changes { account figure before after }
    book {
      balances(filter: { programme: "X-STOP" }) {
        rows(first: 5) { edges { node { year revised actual committed uncancelled } } }
      }
    }
  }
}"#,
            check: cancelled,
        },
    ]
};

fn as_known(answer: &Value) {
    let rows = nodes(&answer["financialYear"]["plannedVersusActual"]["rows"]);
    assert_eq!(rows.len(), 1);
    has(
        &rows[0],
        &[
            ("figures/original", "8700000.00"),
            ("figures/revised", "8700000.00"),
            ("figures/forecast", "31500000.00"),
            ("figures/actual", "0.00"),
        ],
    );
}

fn steps(answer: &Value) {
    let bridge = &answer["bridge"];
    has(
        bridge,
        &[
            ("original", "8700000.00"),
            ("revised", "72400000.00"),
            ("forecast", "31500000.00"),
            ("outturn", "72400000.00"),
        ],
    );
    let step = |stage: &str| {
        let steps = nodes(&bridge[stage]);
        assert_eq!(steps.len(), 1, "{stage}");
        cells(&steps[0], &["before", "amount", "after"])
    };
    assert_eq!(step("revisions"), ["8700000.00", "63700000.00", "72400000.00"]);
    assert_eq!(step("forecasts"), ["none", "31500000.00", "31500000.00"]);
    assert_eq!(step("outturns"), ["0.00", "72400000.00", "72400000.00"]);
    assert!(nodes(&bridge["revisions"])[0]["entry"]["inferred"].is_string());
}

fn at_risk(answer: &Value) {
    let answered = &answer["commitmentsAtRisk"];
    has(answered, &[("open", "12000000.00")]);
    let rows = nodes(&answered["rows"]);
    assert_eq!(rows.len(), 2);
    for (reference, made, open) in
        [("X-ORDER-1", "12000000.00", "5000000.00"), ("X-ORDER-2", "9000000.00", "7000000.00")]
    {
        let line = ("line", "X-PLEDGE/XDH/2025-26/capital");
        has(row(&rows, "reference", reference), &[("made", made), ("open", open), line]);
    }
}

fn revisions(answer: &Value) {
    let rows = nodes(&answer["forecastRevisions"]["rows"]);
    let paths = ["month", "entry/actor", "before", "change", "after"];
    let answered: Vec<Vec<String>> = rows.iter().map(|row| cells(row, &paths)).collect();
    assert_eq!(
        answered,
        [
            ["M10", "x-preparer-1", "116000000.00", "-4000000.00", "112000000.00"],
            ["M11", "x-preparer-2", "112000000.00", "-4000000.00", "108000000.00"],
            ["M12", "x-preparer-1", "108000000.00", "-3000000.00", "105000000.00"],
        ]
    );
}

fn accuracy(answer: &Value) {
    let rows = nodes(&answer["forecastAccuracy"]["rows"]);
    let paths = ["year", "forecast", "outturn", "difference", "percent"];
    let answered: Vec<Vec<String>> = rows.iter().map(|row| cells(row, &paths)).collect();
    assert_eq!(
        answered,
        [
            ["2023-24", "95000000.00", "88000000.00", "-7000000.00", "-7.4"],
            ["2024-25", "104000000.00", "95000000.00", "-9000000.00", "-8.7"],
            ["2025-26", "116000000.00", "102000000.00", "-14000000.00", "-12.1"],
        ]
    );
}

fn cancelled(answer: &Value) {
    let answered = &answer["whatIf"];
    let changes = answered["changes"].as_array().expect("changes");
    let change = |account: &str, figure: &str, before: &str, after: &str| {
        let wanted =
            json!({ "account": account, "figure": figure, "before": before, "after": after });
        assert!(changes.contains(&wanted), "{wanted} in {changes:#?}");
    };
    // 50 planned, less 12 spent and 8 committed.
    change("X-FUND/capital", "unallocated", "25000000.00", "55000000.00");
    change("X-STOP/XDH/2026-27/capital", "revised", "50000000.00", "20000000.00");
    change("X-STOP/XDH/2026-27/capital", "available", "30000000.00", "0.00");
    assert_eq!(changes.len(), 3);
    let rows = nodes(&answered["book"]["balances"]["rows"]);
    let left = [("revised", "20000000.00"), ("actual", "12000000.00"), ("committed", "8000000.00")];
    has(row(&rows, "year", "2026-27"), &left);
    has(&rows[0], &[("uncancelled", "0.00")]);
}
