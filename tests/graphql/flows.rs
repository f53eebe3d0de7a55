//! Who paid for whom, on the sample book: question 1 with the figures of the source. What was
//! deferred, and capital that paid for revenue, on a book of the test's own.

use serde_json::{Value, json};

use crate::fixture::{Fixture, number};

fn nodes(connection: &Value) -> Vec<Value> {
    let edges = connection["edges"].as_array().expect("edges");
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

/// Who paid for cyber security in 2017-18.
const QUESTION: &str = r#"{ flows(year: "2017-18", by: PROGRAMME) {
    year by partial position rule
    rows(first: 50) { edges { node {
        from { kind code name year } to { kind code } amount stated byRule unattributed
        entries(first: 5) { edges { node { position from to month amount byRule entry { inferred } } } } } } }
    margins(first: 50) { edges { node { party { kind code }
        figures { funded returned received given carriedIn carriedOut eliminated net } } } }
    totals { figures { funded received given eliminated net } unattributed recycled
        withinParties reclassified budget spent }
    origins(first: 10) { edges { node { fund kind budget spent } } }
    path(programme: "CYBER", first: 50) { edges { node { distance amount
        from { kind code } to { kind code }
        entries(first: 60) { edges { node { position from to amount } } } } } } } }"#;

#[test]
fn the_donors_of_2017_18_and_what_is_unattributed_are_told_as_the_source_states_them() {
    let fixture = Fixture::sample();
    let flows = fixture.ask(QUESTION)["flows"].clone();
    assert_eq!(flows["partial"], false);
    assert!(flows["rule"].as_str().expect("a rule").contains("no source's"));
    let margins = nodes(&flows["margins"]);
    let margin = |kind: &str, code: Value| {
        let found = margins
            .iter()
            .find(|margin| margin["party"]["kind"] == kind && margin["party"]["code"] == code);
        found.unwrap_or_else(|| panic!("{kind} {code} in {margins:#?}"))["figures"].clone()
    };
    let cyber = margin("PROGRAMME", json!("CYBER"));
    assert_eq!(
        (&cyber["received"], &cyber["funded"]),
        (&json!("63700000.00"), &json!("8700000.00"))
    );
    assert_eq!(cyber["net"], "72400000.00");
    assert_eq!(margin("PROGRAMME", json!("PROVDIG"))["given"], "81000000.00");
    assert_eq!(margin("PROGRAMME", json!("WIFI"))["given"], "13700000.00");
    assert_eq!(margin("UNATTRIBUTED", Value::Null)["received"], "31000000.00");
    assert_eq!(flows["totals"]["unattributed"], "31000000.00");
    assert_eq!(flows["totals"]["recycled"], "94700000.00");
    // The portfolio above all of them has what they paid each other eliminated.
    assert_eq!(margin("PROGRAMME", json!("TECH"))["eliminated"], "63700000.00");
    assert_eq!(margin("PROGRAMME", json!("TECH"))["given"], "31000000.00");

    let rows = nodes(&flows["rows"]);
    let paid = |from: &str, to: &Value| {
        let found = rows.iter().find(|row| row["from"]["code"] == from && row["to"] == *to);
        found.unwrap_or_else(|| panic!("{from} to {to} in {rows:#?}")).clone()
    };
    let cyber = json!({ "kind": "PROGRAMME", "code": "CYBER" });
    let suspense = json!({ "kind": "UNATTRIBUTED", "code": null });
    for (from, to, amount) in [
        ("PROVDIG", &cyber, "54484688.49"),
        ("PROVDIG", &suspense, "26515311.51"),
        ("WIFI", &cyber, "9215311.51"),
        ("WIFI", &suspense, "4484688.49"),
    ] {
        let row = paid(from, to);
        assert_eq!((&row["amount"], &row["byRule"]), (&json!(amount), &json!(amount)), "{from}");
        assert_eq!(
            (&row["stated"], &row["unattributed"]),
            (&json!("0.00"), &json!(to == &suspense))
        );
        let behind = nodes(&row["entries"]);
        assert_eq!((behind.len(), &behind[0]["amount"]), (1, &json!(amount)));
        assert_eq!((&behind[0]["month"], &behind[0]["byRule"]), (&json!("M12"), &json!(true)));
        assert!(behind[0]["entry"]["inferred"].is_string(), "the entry says how it was derived");
    }
    let funded = paid("CENTRAL", &cyber);
    assert_eq!((&funded["stated"], &funded["byRule"]), (&json!("8700000.00"), &json!("0.00")));
}

#[test]
fn origins_sum_to_budget_and_spend_and_the_path_leads_to_the_settlement() {
    let fixture = Fixture::sample();
    let flows = fixture.ask(QUESTION)["flows"].clone();
    let pence = |amount: &Value| {
        let text = amount.as_str().expect("an amount").replace('.', "");
        text.parse::<i64>().expect("an amount")
    };
    let origins = nodes(&flows["origins"]);
    assert!(!origins.is_empty());
    for figure in ["budget", "spent"] {
        let sum: i64 = origins.iter().map(|origin| pence(&origin[figure])).sum();
        assert_eq!(sum, pence(&flows["totals"][figure]), "{figure}: {origins:#?}");
        assert!(sum > 0);
    }
    let path = nodes(&flows["path"]);
    assert_eq!(path[0]["to"]["kind"], "SPEND");
    assert_eq!((&path[0]["amount"], &path[0]["distance"]), (&json!("72400000.00"), &json!(0)));
    let reached = |from: &str, to: &str| {
        path.iter().find(|step| step["from"]["code"] == from && step["to"]["code"] == to)
    };
    assert_eq!(reached("WIFI", "CYBER").expect("a donor")["distance"], 0);
    assert_eq!(reached("CENTRAL", "WIFI").expect("its fund")["distance"], 1);
    let settled = path.iter().find(|step| step["to"]["code"] == "CENTRAL").expect("a settlement");
    assert!(
        ["TREASURY", "EXISTING_BUDGETS"].contains(&settled["from"]["kind"].as_str().unwrap_or(""))
    );
    for step in &path {
        let behind = nodes(&step["entries"]);
        let sum: i64 = behind.iter().map(|part| pence(&part["amount"])).sum();
        assert_eq!(sum, pence(&step["amount"]), "{step:#?}");
    }
}

#[test]
fn flows_are_told_as_at_a_position_by_body_and_by_class_and_only_of_what_was_asked_for() {
    let fixture = Fixture::sample();
    // Before the reallocation nobody had paid for anybody.
    let before = r#"{ flows(year: "2017-18", by: PROGRAMME, asAt: { recordedAt: "2018-07-30T00:00:00Z" }) {
        totals { unattributed recycled figures { received } } } }"#;
    let totals = fixture.ask(before)["flows"]["totals"].clone();
    assert_eq!((&totals["recycled"], &totals["unattributed"]), (&json!("0.00"), &json!("0.00")));
    let of = |arguments: &str| {
        let document = format!(
            r#"{{ flows(year: "2017-18", {arguments}) {{ rows(first: 50) {{ edges {{ node {{
                from {{ kind code }} to {{ kind code }} amount }} }} }} totals {{ withinParties }} }} }}"#
        );
        fixture.ask(&document)["flows"].clone()
    };
    // All donors are of one body, and one class.
    let by_class = of("by: CLASS");
    assert_eq!(by_class["totals"]["withinParties"], "63700000.00");
    let wifi = nodes(&of(r#"by: PROGRAMME, filter: { programme: "WIFI" }"#)["rows"]);
    let named = |row: &Value| [&row["from"]["code"], &row["to"]["code"]].contains(&&json!("WIFI"));
    assert!(wifi.len() == 3 && wifi.iter().all(named), "{wifi:#?}");
    let through = nodes(&of("by: PROGRAMME, through: \"M11\"")["rows"]);
    assert!(through.iter().all(|row| row["from"]["kind"] == "FUND"), "{through:#?}");
    assert_eq!(fixture.fails(r#"{ flows(year: "2017-18", by: BODY, filter: { body: "NOBODY" }) { totals { budget } } }"#).0, "UNKNOWN_BODY");
}

/// A book with capital and revenue of two programmes in two years.
fn book() -> Fixture {
    let fixture = Fixture::empty();
    fixture.post("establishFund", r#"code: "F", name: "A fund""#);
    for class in ["CAPITAL", "REVENUE"] {
        fixture.post(
            "settleFunding",
            &format!(r#"fund: "F", class: {class}, from: "2030-31", to: "2031-32", newMoney: "3000.00", reannounced: "1000.00""#),
        );
    }
    for code in ["WIFI", "CYBER"] {
        fixture.post("openProgramme", &format!(r#"code: "{code}", name: "{code}""#));
    }
    fixture.post(
        "allocate",
        r#"fund: "F", class: REVENUE, month: "M1", to: [{ line: "WIFI/XDH/2030-31/revenue", amount: "1000.00" }]"#,
    );
    fixture.post(
        "allocate",
        r#"fund: "F", class: CAPITAL, month: "M1", to: [{ line: "CYBER/XDH/2030-31/capital", amount: "1000.00" }]"#,
    );
    fixture
}

#[test]
fn what_is_deferred_arrives_when_a_reallocation_gives_it_to_a_programme() {
    let fixture = book();
    let ask = || {
        fixture.ask(
            r#"{ exchanges(year: "2030-31") { year deferred arrived elsewhere waiting partial
                rows(first: 5) { edges { node { programme deferred arrived } } } } }"#,
        )["exchanges"]
            .clone()
    };
    assert_eq!(ask()["deferred"], "0.00");
    fixture.post(
        "exchangeBudget",
        r#"line: "WIFI/XDH/2030-31/revenue", amount: "7.00", month: "M11""#,
    );
    assert_eq!((&ask()["waiting"], &ask()["arrived"]), (&json!("7.00"), &json!("0.00")));
    fixture.post(
        "reallocate",
        r#"month: "M1", from: [{ line: "EXCHANGE/XDH/2031-32/revenue", amount: "5.00" }],
           to: [{ line: "CYBER/XDH/2031-32/revenue", amount: "5.00" }]"#,
    );
    fixture.post(
        "cut",
        r#"line: "EXCHANGE/XDH/2031-32/revenue", amount: "0.50", month: "M1", to: { outOfBook: TREASURY }"#,
    );
    let told = ask();
    assert_eq!(
        [&told["deferred"], &told["arrived"], &told["elsewhere"], &told["waiting"]],
        [&json!("7.00"), &json!("5.00"), &json!("0.50"), &json!("1.50")]
    );
    assert_eq!(
        nodes(&told["rows"]),
        [
            json!({ "programme": "CYBER", "deferred": "0.00", "arrived": "5.00" }),
            json!({ "programme": "WIFI", "deferred": "7.00", "arrived": "0.00" }),
        ]
    );
    // The later year's money comes from the earlier year's line, with its origins.
    let later = fixture.ask(
        r#"{ flows(year: "2031-32", by: PROGRAMME) {
            rows(first: 9) { edges { node { from { code year } to { code year } amount } } }
            origins(first: 9) { edges { node { fund kind budget } } } } }"#,
    );
    let rows = nodes(&later["flows"]["rows"]);
    let carried = rows.iter().find(|row| row["from"]["year"] == "2030-31").expect("carried in");
    assert_eq!((&carried["from"]["code"], &carried["amount"]), (&json!("WIFI"), &json!("7.00")));
    // 7.00 at three to one, of which 0.50 were cut: each time in exact pence.
    assert_eq!(
        nodes(&later["flows"]["origins"]),
        [
            json!({ "fund": "F", "kind": "NEW_MONEY", "budget": "4.87" }),
            json!({ "fund": "F", "kind": "REANNOUNCED", "budget": "1.63" }),
        ]
    );
}

#[test]
fn capital_that_pays_for_revenue_is_told_with_authority_cap_and_what_was_used() {
    let fixture = book();
    let switch = |amount: &str| {
        fixture.post(
            "reallocate",
            &format!(
                r#"month: "M2", authority: "letter:HMT", from: [{{ line: "CYBER/XDH/2030-31/capital", amount: "{amount}" }}],
                   to: [{{ line: "WIFI/XDH/2030-31/revenue", amount: "{amount}" }}]"#
            ),
        )
    };
    let first = switch("100.00");
    let second = switch("20.00");
    let reversal = fixture.post("reverse", &format!(r#"entry: "{first}""#));
    let third = switch("3.00");
    let told = fixture.ask(
        r#"{ capitalForRevenue(year: "2030-31") { used cap partial rows(first: 9) { edges { node {
            position amount used cap policy reversedBy lines entry { authority } } } } } }"#,
    )["capitalForRevenue"]
        .clone();
    assert_eq!((&told["used"], &told["cap"]), (&json!("23.00"), &Value::Null));
    let rows = nodes(&told["rows"]);
    let expected = [
        (first, "100.00", "100.00", Some(reversal)),
        (second, "20.00", "120.00", None),
        (third, "3.00", "23.00", None),
    ];
    assert_eq!(rows.len(), expected.len());
    for (row, (position, amount, used, reversed_by)) in rows.iter().zip(expected) {
        assert_eq!(number(&row["position"]), position);
        assert_eq!((&row["amount"], &row["used"]), (&json!(amount), &json!(used)));
        assert_eq!(row["reversedBy"], json!(reversed_by.map(|by| by.to_string())));
        assert_eq!(
            (&row["entry"]["authority"], &row["policy"]),
            (&json!("letter:HMT"), &json!("1"))
        );
        assert_eq!(row["lines"].as_array().map(Vec::len), Some(2));
    }
}

#[test]
fn states_of_flows_are_told_again_when_something_is_posted() {
    let fixture = book();
    let mut told = [
        r#"subscription { flows(year: "2030-31", by: PROGRAMME) { position totals { figures { funded } } } }"#,
        r#"subscription { exchanges(year: "2030-31") { position deferred } }"#,
        r#"subscription { capitalForRevenue(year: "2030-31") { position used } }"#,
    ]
    .map(|document| fixture.subscribe(document));
    for told in &mut told {
        fixture.next(told);
    }
    let posted = fixture.post(
        "exchangeBudget",
        r#"line: "WIFI/XDH/2030-31/revenue", amount: "7.00", month: "M11""#,
    );
    for (told, field) in told.iter_mut().zip(["flows", "exchanges", "capitalForRevenue"]) {
        assert_eq!(number(&fixture.next(told)[field]["position"]), posted, "{field}");
    }
}
