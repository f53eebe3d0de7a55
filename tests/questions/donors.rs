//! Who paid: questions 1 to 3, 8, 9 and 17.

use serde_json::{Value, json};

use crate::Question;
use crate::asking::{has, nodes, row, text};

pub(crate) const QUESTIONS: fn() -> Vec<Question> = || {
    vec![
        Question {
            number: 1,
            title: "Which programmes paid for the cyber uplift of 2017-18, and how much is unattributed?",
            explanation: "Cyber security began 2017-18 with £8.7m and ended it with £72.4m. The answer lists
                the amount each programme gave and received. Provider digitisation gave £81.0m and
                Wi-Fi £13.7m: £94.7m in all. Cyber security received £63.7m of it. The other £31.0m
                is unattributed: no source states its purpose, so the book keeps it in suspense. For
                the portfolio above the three programmes, the answer shows only the £31.0m:
                transfers between its own programmes are left out.",
            commands: &["flows --year 2017-18 --margins"],
            query: r#"{
  flows(year: "2017-18", by: PROGRAMME) {
    margins(first: 20) {
      edges { node { party { kind code name } figures { given received } } }
    }
    totals { unattributed }
  }
}"#,
            check: paid_for_cyber,
        },
        Question {
            number: 2,
            title: "What is the uncancelled balance of a programme or fund, by year and class?",
            explanation: "The uncancelled balance of a programme is the budget that is neither spent nor
                committed. The balance of a fund is the money that is not allocated. X-STOP has £50m
                in 2026-27, of which £12m is spent and £8m committed: £30m could still be cancelled.
                X-FUND was settled with £600m of capital, of which £575m is allocated: £25m is left.",
            commands: &["show balances --programme X-STOP", "show balances --fund X-FUND"],
            query: r#"{
  balances(filter: { programme: "X-STOP" }) {
    rows(first: 5) {
      edges { node { year class revised actual accrued committed uncancelled } }
    }
  }
  fund(code: "X-FUND") {
    balances { class settled allocated unallocated }
  }
}"#,
            check: uncancelled,
        },
        Question {
            number: 3,
            title: "How much of a fund is new money?",
            explanation: "The Paperless 2020 fund was announced as £4.2bn. £1.3bn of it is new money, from the
                Treasury; the other £2.9bn is re-announced, from existing budgets.",
            commands: &["funds P2020"],
            query: r#"{
  fund(code: "P2020") {
    name
    balances { class settled newMoney reannounced }
  }
}"#,
            check: new_money,
        },
        Question {
            number: 8,
            title: "How much was deferred to next year, and did it arrive?",
            explanation: "In 2024-25 X-DEFER exchanged £1.0m of budget into 2025-26. £0.6m arrived at the same
                programme, £0.4m still waits on the holding line, and nothing went elsewhere.",
            commands: &["show exchanges --year 2024-25"],
            query: r#"{
  exchanges(year: "2024-25") {
    deferred arrived waiting elsewhere
    rows(first: 5) { edges { node { programme deferred arrived } } }
  }
}"#,
            check: deferred,
        },
        Question {
            number: 9,
            title: "Has capital paid for revenue, under which authority and cap?",
            explanation: "Once in 2019-20: £40m, under a letter of the Treasury that the entry cites. The
                published cap of that year is £250m, so £210m of it was left.",
            commands: &["show switches --year 2019-20"],
            query: r#"{
  capitalForRevenue(year: "2019-20") {
    used cap
    rows(first: 5) { edges { node { lines amount used cap entry { authority } } } }
  }
}"#,
            check: switched,
        },
        Question {
            number: 17,
            title: "What are capital and revenue by programme, region, ICB and trust?",
            explanation: "The figures of a body include the bodies below it, and the figures of a programme
                include the programmes below it. In 2026-27 trusts C and D have £10m and £15m of
                capital. Their region and their programme have £25m. In 2022-23 trust A has £20m of
                revenue and trust B £15m. The ICB above them has £5m of its own, so £40m in all.",
            commands: &["budget --year 2022-23 --rollup body", "budget --year 2026-27 --rollup programme --class capital"],
            query: r#"{
  programme(code: "X-STEADY") {
    name
    figures(year: "2026-27", class: CAPITAL) { revised actual }
  }
  region: body(code: "X-REGION") {
    name
    capital: figures(year: "2026-27", class: CAPITAL) { revised actual }
    revenue: figures(year: "2022-23", class: REVENUE) { revised }
  }
  icb: body(code: "X-ICB") {
    name
    figures(year: "2022-23", class: REVENUE) { revised }
  }
  trustA: body(code: "X-TRUST-A") {
    name
    figures(year: "2022-23", class: REVENUE) { revised }
  }
  trustC: body(code: "X-TRUST-C") {
    name
    figures(year: "2026-27", class: CAPITAL) { revised actual }
  }
}"#,
            check: by_body,
        },
    ]
};

fn paid_for_cyber(answer: &Value) {
    let margins = nodes(&answer["flows"]["margins"]);
    for (code, figure, amount) in [
        ("PROVDIG", "given", "81000000.00"),
        ("WIFI", "given", "13700000.00"),
        ("CYBER", "received", "63700000.00"),
    ] {
        has(row(&margins, "party/code", code), &[(&format!("figures/{figure}"), amount)]);
    }
    let suspense = row(&margins, "party/kind", "UNATTRIBUTED");
    has(suspense, &[("figures/received", "31000000.00")]);
    assert_eq!(answer["flows"]["totals"]["unattributed"], "31000000.00");
}

fn uncancelled(answer: &Value) {
    let rows = nodes(&answer["balances"]["rows"]);
    assert_eq!(
        rows,
        [json!({ "year": "2026-27", "class": "CAPITAL", "revised": "50000000.00",
            "actual": "12000000.00", "accrued": "0.00", "committed": "8000000.00",
            "uncancelled": "30000000.00" })]
    );
    let balances = answer["fund"]["balances"].as_array().expect("balances");
    let capital = [
        ("settled", "600000000.00"),
        ("allocated", "575000000.00"),
        ("unallocated", "25000000.00"),
    ];
    has(row(balances, "class", "CAPITAL"), &capital);
    has(row(balances, "class", "REVENUE"), &[("unallocated", "0.00")]);
    has(row(balances, "class", "UNSPLIT"), &[("unallocated", "0.00")]);
}

fn new_money(answer: &Value) {
    let balances = answer["fund"]["balances"].as_array().expect("balances");
    assert_eq!(
        balances,
        &[json!({ "class": "UNSPLIT", "settled": "4200000000.00",
            "newMoney": "1300000000.00", "reannounced": "2900000000.00" })]
    );
}

fn deferred(answer: &Value) {
    let exchanges = &answer["exchanges"];
    has(
        exchanges,
        &[
            ("deferred", "1000000.00"),
            ("arrived", "600000.00"),
            ("waiting", "400000.00"),
            ("elsewhere", "0.00"),
        ],
    );
    let rows = nodes(&exchanges["rows"]);
    let of_it = [("deferred", "1000000.00"), ("arrived", "600000.00")];
    has(row(&rows, "programme", "X-DEFER"), &of_it);
}

fn switched(answer: &Value) {
    let switches = &answer["capitalForRevenue"];
    has(switches, &[("used", "40000000.00"), ("cap", "250000000.00")]);
    let rows = nodes(&switches["rows"]);
    assert_eq!(rows.len(), 1);
    let only = &rows[0];
    has(only, &[("amount", "40000000.00"), ("used", "40000000.00"), ("cap", "250000000.00")]);
    assert!(text(&only["entry"]["authority"]).starts_with("X-HMT-1"), "{only}");
}

fn by_body(answer: &Value) {
    for (path, amount) in [
        ("programme/figures/revised", "25000000.00"),
        ("programme/figures/actual", "9000000.00"),
        ("region/capital/revised", "25000000.00"),
        ("region/capital/actual", "9000000.00"),
        ("region/revenue/revised", "40000000.00"),
        ("icb/figures/revised", "40000000.00"),
        ("trustA/figures/revised", "20000000.00"),
        ("trustC/figures/revised", "10000000.00"),
        ("trustC/figures/actual", "4000000.00"),
    ] {
        has(answer, &[(path, amount)]);
    }
}
