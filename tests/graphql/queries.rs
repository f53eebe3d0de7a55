//! Questions, on the sample book: the answers are those of the read models, field by field.

use std::collections::BTreeMap;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use projections::AsAt;
use projections::budget::{BudgetQuery, Rollup};
use projections::scope::Scope;
use serde_json::{Value, json};

use crate::fixture::{Fixture, number};

const ROW: &str = "year name class ringFence through position
    programme { code name } body { code }
    figures { original revised planToDate committed accrued actual outturn forecast forecastKnown
      forecastOf internalForecast
      available variance varianceBasis sense underspend percentUsed status inferred closed }";

fn nodes(connection: &Value) -> Vec<Value> {
    let edges = connection["edges"].as_array().expect("edges");
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

fn pence(amount: &Value) -> i64 {
    Pence::from_pounds(amount.as_str().expect("an amount")).expect("an amount").get()
}

fn in_capitals(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[test]
fn every_figure_of_every_year_and_roll_up_is_that_of_the_read_models() {
    let fixture = Fixture::sample();
    let rollups = [
        ("", None),
        ("rollup: PROGRAMME", Some(Rollup::Programme)),
        ("rollup: BODY", Some(Rollup::Body)),
        ("rollup: CLASS", Some(Rollup::Class)),
        ("rollup: RING_FENCE", Some(Rollup::RingFence)),
        ("rollup: YEAR", Some(Rollup::Year)),
        ("rollup: MONTH", Some(Rollup::Month)),
    ];
    let years: Vec<FinancialYear> =
        fixture.book.models().within(Scope::everything()).financial_years().collect();
    let head = fixture.head();
    let mut compared = 0;
    for year in years {
        for at in [head, head / 2] {
            for (argument, rollup) in rollups {
                let document = format!(
                    r#"{{ financialYear(year: "{year}", asAt: {{ position: "{at}" }}) {{
                        plannedVersusActual{} {{ rows(first: 500) {{ edges {{ node {{ {ROW} }} }} }} }} }} }}"#,
                    if argument.is_empty() { String::new() } else { format!("({argument})") }
                );
                let answer = fixture.ask(&document);
                let models = fixture.book.models();
                let moment = models.moment(AsAt::Position(Position::new(at))).expect("a moment");
                let query = BudgetQuery {
                    year,
                    programme: None,
                    body: None,
                    class: None,
                    moment,
                    through: None,
                    rollup,
                };
                let rows = models.within(Scope::everything()).budget(&query).expect("rows");
                if answer["financialYear"].is_null() {
                    assert!(rows.is_empty(), "{year} {argument}");
                    continue;
                }
                let told = nodes(&answer["financialYear"]["plannedVersusActual"]["rows"]);
                assert_eq!(told.len(), rows.len(), "{year} {argument}");
                for (told, row) in told.iter().zip(rows) {
                    let figures = row.figures.expect("figures");
                    let (variance, basis) = figures.variance();
                    let money = |pence: Pence| json!(pence.to_string());
                    assert_eq!(told["programme"]["code"], json!(row.programme));
                    assert_eq!(told["body"]["code"], json!(row.body));
                    let through = row.figures.and_then(|figures| figures.through);
                    assert_eq!(told["through"], json!(row.through.or(through)));
                    assert_eq!(told["name"], json!(row.name));
                    assert_eq!(number(&told["position"]), at);
                    let expected = json!({
                        "original": figures.original.map(money),
                        "revised": money(figures.revised),
                        "planToDate": money(figures.plan_to_date),
                        "committed": money(figures.committed),
                        "accrued": money(figures.accrued),
                        "actual": money(figures.actual),
                        "outturn": figures.outturn.map(money),
                        "forecast": figures.forecast.whole().map(money),
                        "forecastKnown": figures.forecast.known.map(money),
                        "forecastOf": figures.forecast.known.map(|_| money(figures.forecast.of)),
                        "internalForecast": figures.internal_forecast.whole().map(money),
                        "available": money(figures.available()),
                        "variance": money(variance),
                        "varianceBasis": in_capitals(&format!("{basis:?}")),
                        "sense": in_capitals(&format!("{:?}", figures.sense())),
                        "underspend": money(figures.underspend()),
                        "percentUsed": figures.percent_used().map(|percent| percent.to_string()),
                        "status": in_capitals(&format!("{:?}", row.status.expect("a status"))),
                        "inferred": figures.inferred,
                        "closed": figures.closed,
                    });
                    assert_eq!(told["figures"], expected, "{year} {argument} at {at}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 100, "{compared} rows were compared");
}

#[test]
fn what_was_known_of_cyber_security_in_2017_18_depends_on_the_day_of_asking() {
    let fixture = Fixture::sample();
    let at = |day: &str| {
        let answer = fixture.ask(&format!(
            r#"{{ programme(code: "CYBER", asAt: {{ recordedAt: "{day}T23:00:00Z" }}) {{
                figures(year: "2017-18") {{ revised actual forecast }} }} }}"#
        ));
        answer["programme"]["figures"].clone()
    };
    assert_eq!(at("2017-06-01")["revised"], "8700000.00");
    assert_eq!(at("2017-06-01")["forecast"], Value::Null);
    assert_eq!(at("2018-02-28")["forecast"], "31500000.00");
    let outturn = fixture
        .ask(r#"{ programme(code: "CYBER") { figures(year: "2017-18") { actual revised } } }"#);
    assert_eq!(outturn["programme"]["figures"]["actual"], "72400000.00");
}

#[test]
fn the_contributions_behind_a_figure_sum_to_it() {
    let fixture = Fixture::sample();
    let behind = "contributions(first: 20) { edges { node { measure amount position
        entry { position reason } } } }";
    let answer = fixture.ask(&format!(
        r#"{{ financialYear(year: "2017-18") {{
            byLine: plannedVersusActual {{ rows(first: 12) {{ edges {{ node {{
                figures {{ revised actual committed accrued }} {behind} }} }} }} }}
            byClass: plannedVersusActual(rollup: RING_FENCE) {{ rows(first: 12) {{ edges {{ node {{
                figures {{ revised actual committed accrued }} {behind} }} }} }} }}
            byProgramme: plannedVersusActual(rollup: PROGRAMME) {{ rows(first: 12) {{ edges {{ node {{
                figures {{ revised actual committed accrued }} {behind} }} }} }} }} }} }}"#
    ));
    for view in ["byLine", "byClass", "byProgramme"] {
        let rows = nodes(&answer["financialYear"][view]["rows"]);
        assert!(!rows.is_empty(), "{view}");
        for row in rows {
            let mut sums: BTreeMap<String, i64> = BTreeMap::new();
            for contribution in nodes(&row["contributions"]) {
                let measure = contribution["measure"].as_str().expect("a measure").to_lowercase();
                *sums.entry(measure).or_default() += pence(&contribution["amount"]);
                assert_eq!(contribution["entry"]["position"], contribution["position"]);
                assert!(contribution["entry"]["reason"].as_str().is_some_and(|r| !r.is_empty()));
            }
            for measure in ["revised", "actual", "committed", "accrued"] {
                let sum = sums.get(measure).copied().unwrap_or_default();
                assert_eq!(pence(&row["figures"][measure]), sum, "{view} {measure}");
            }
        }
    }
}

#[test]
fn the_contributions_to_a_year_are_those_that_the_read_models_find_behind_it() {
    let fixture = Fixture::sample();
    let at = fixture.head() - 3;
    let filter = r#"filter: { programme: "TECH" }"#;
    let (mut told, mut after) = (Vec::new(), String::new());
    loop {
        let answer = fixture.ask(&format!(
            r#"{{ financialYear(year: "2017-18", asAt: {{ position: "{at}" }}, through: "M12") {{
                contributions(first: 4, {filter}{after}) {{ pageInfo {{ hasNextPage endCursor }}
                    edges {{ node {{ position line month amount }} }} }} }} }}"#
        ));
        let page = &answer["financialYear"]["contributions"];
        told.extend(nodes(page));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = format!(r#", after: {}"#, page["pageInfo"]["endCursor"]);
    }
    let models = fixture.book.models();
    let query = BudgetQuery {
        year: "2017-18".parse().expect("a year"),
        programme: Some("TECH".parse().expect("a code")),
        body: None,
        class: None,
        moment: models.moment(AsAt::Position(Position::new(at))).expect("a moment"),
        through: Some("M12".parse().expect("a month")),
        rollup: None,
    };
    let behind = models.within(Scope::everything()).contributions(&query).expect("contributions");
    let positions: Vec<u64> = told.iter().map(|node| number(&node["position"])).collect();
    assert!(positions.is_sorted() && positions.len() > 4, "{positions:?}");
    let mut told: Vec<String> = told.iter().map(Value::to_string).collect();
    let mut known: Vec<String> = behind
        .iter()
        .map(|behind| {
            let (position, line) = (behind.position.to_string(), behind.line.to_string());
            let (month, amount) = (behind.month.to_string(), behind.pence.to_string());
            json!({ "position": position, "line": line, "month": month, "amount": amount })
        })
        .map(|behind| behind.to_string())
        .collect();
    told.sort_unstable();
    known.sort_unstable();
    assert_eq!(told, known);
}

#[test]
fn fields_come_in_the_order_they_were_asked_for_and_none_is_dropped() {
    let fixture = Fixture::sample();
    // The first is slow and the second quick: some versions of the library answer as they finish.
    let response = fixture.execute(
        "{ slow: entries(first: 80) { edges { node { canonical } } } quick: ledger { head } }",
    );
    let async_graphql::Value::Object(data) = response.data else { panic!("an object") };
    assert_eq!(data.keys().map(|name| name.as_str()).collect::<Vec<_>>(), ["slow", "quick"]);
    let failed = fixture.execute("{ ledger { head } programmes(first: 0) { position } }");
    assert_eq!(failed.data, async_graphql::Value::Null, "a field that may not be null");
    assert_eq!(failed.errors.len(), 1);
}

#[test]
fn funds_tell_new_money_from_re_announced_money() {
    let fixture = Fixture::sample();
    let answer = fixture.ask(
        r#"{ funds(first: 100) { edges { node { code name parent { code }
            balances { class settled newMoney reannounced earmarked allocated unallocated }
            ownBalances { unallocated } entries(first: 5) { edges { node { position } } } } } }
            fund(code: "P2020") { balances { settled newMoney } children(first: 10) { edges { node { code } } } }
            nothing: fund(code: "NOFUND") { code } }"#,
    );
    assert_eq!(answer["nothing"], Value::Null);
    let fund = &answer["fund"]["balances"];
    let sum = |figure: &str| -> i64 {
        fund.as_array().expect("balances").iter().map(|balance| pence(&balance[figure])).sum()
    };
    assert_eq!(sum("settled"), 420_000_000_000);
    assert_eq!(sum("newMoney"), 130_000_000_000);
    for fund in nodes(&answer["funds"]) {
        for balance in fund["balances"].as_array().expect("balances") {
            let of = |figure: &str| pence(&balance[figure]);
            assert_eq!(of("settled"), of("newMoney") + of("reannounced"));
            assert_eq!(of("unallocated"), of("settled") + of("earmarked") - of("allocated"));
        }
    }
}

#[test]
fn whatever_has_a_global_id_is_found_by_it() {
    let fixture = Fixture::sample();
    let answer = fixture.ask(
        r#"{ programmes(first: 1) { edges { node { id } } } bodies(first: 1) { edges { node { id } } }
            funds(first: 1) { edges { node { id } } } financialYears(first: 1) { edges { node { id } } }
            entries(first: 1) { edges { node { id } } }
            financialYear(year: "2017-18") { plannedVersusActual { rows(first: 1) { edges { node { line { id } } } } } } }"#,
    );
    let mut ids: Vec<String> = ["programmes", "bodies", "funds", "financialYears", "entries"]
        .iter()
        .filter_map(|list| nodes(&answer[list])[0]["id"].as_str().map(str::to_owned))
        .collect();
    let rows = nodes(&answer["financialYear"]["plannedVersusActual"]["rows"]);
    ids.push(rows[0]["line"]["id"].as_str().expect("an id").to_owned());
    assert_eq!(ids.len(), 6);
    for id in ids {
        let found = fixture.ask(&format!(r#"{{ node(id: "{id}") {{ __typename id }} }}"#));
        assert_eq!(found["node"]["id"], id);
        let of = found["node"]["__typename"].as_str().expect("a type").to_owned();
        assert!(id.starts_with(&of), "{id} is a {of}");
        let before = r#"asAt: { position: "0" }"#;
        let absent = fixture.ask(&format!(r#"{{ node(id: "{id}", {before}) {{ id }} }}"#));
        assert_eq!(absent["node"], Value::Null, "{id} before the book");
    }
    for id in ["", "Programme", "Programme:nothing", "Entry:0", "Entry:999999", "Body:", "X:Y"] {
        let found = fixture.ask(&format!(r#"{{ node(id: "{id}") {{ id }} }}"#));
        assert_eq!(found["node"], Value::Null, "{id}");
    }
}

#[test]
fn entries_are_filtered_as_the_log_is() {
    let fixture = Fixture::sample();
    let list = |filter: &str| -> Vec<u64> {
        let answer = fixture.ask(&format!(
            "{{ entries(first: 500, filter: {{ {filter} }}) {{ edges {{ node {{ position }} }} }} }}"
        ));
        nodes(&answer["entries"]).iter().map(|entry| number(&entry["position"])).collect()
    };
    assert_eq!(list("").len() as u64, fixture.head());
    assert_eq!(list(r#"actor: "nobody""#), [] as [u64; 0]);
    assert_eq!(list("kind: BOOK_OPENED"), [1]);
    for filter in [
        r#"programme: "CYBER""#,
        r#"year: "2017-18""#,
        r#"body: "XDH""#,
        "kind: ACTUAL_RECORDED",
        r#"programme: "CYBER", year: "2017-18", kind: ACTUAL_RECORDED"#,
    ] {
        let found = list(filter);
        assert!(!found.is_empty() && (found.len() as u64) < fixture.head(), "{filter}");
        assert!(found.is_sorted(), "{filter}");
    }
    let between = fixture.ask(
        r#"{ entries(first: 500, since: { position: "10" }, asAt: { position: "20" }) {
            edges { node { position } } pageInfo { hasNextPage } } }"#,
    );
    let positions: Vec<u64> =
        nodes(&between["entries"]).iter().map(|entry| number(&entry["position"])).collect();
    assert_eq!(positions, (11..=20).collect::<Vec<u64>>());
    assert_eq!(between["entries"]["pageInfo"]["hasNextPage"], false);
}

#[test]
fn an_entry_gives_the_bytes_that_an_auditor_hashes() {
    use sha2::{Digest, Sha256};
    let fixture = Fixture::sample();
    let answer = fixture.ask(
        r#"{ entries(first: 500) { edges { node { canonical leafHash position } } } ledger { head root book recordedAt } }"#,
    );
    for entry in nodes(&answer["entries"]) {
        let line = entry["canonical"].as_str().expect("a line");
        let mut bytes = vec![0];
        bytes.extend_from_slice(line.as_bytes());
        let hash: String =
            Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(entry["leafHash"], hash);
        let start = format!("{{\"position\":{},", entry["position"].as_str().expect("a position"));
        assert!(line.starts_with(&start));
    }
    assert_eq!(number(&answer["ledger"]["head"]), fixture.head());
    assert_eq!(answer["ledger"]["root"].as_str().map(str::len), Some(64));
    assert_eq!(answer["ledger"]["book"].as_str().map(str::len), Some(32));
}

#[test]
fn the_rest_of_a_year_is_told() {
    let fixture = Fixture::sample();
    let answer = fixture.ask(
        r#"{ financialYear(year: "2017-18", through: "M6") { year through hardClosed baselines
              periods { month close } underspends(first: 10) { edges { node { line amount unexplained
              reasons { cause amount position } } } } adjustments(first: 10) { edges { node { position } } }
              contributions(first: 3, measure: ACTUAL) { edges { node { measure month } } } }
            policy { recordedBy availability underspendingShare capitalToRevenue { severity caps { year cap } }
              budgetExchange { revenueShare capitalShare } }
            body(code: "XDH") { name kind parent { code } closedOn successor { code }
              figures(year: "2017-18") { revised } children(first: 5) { edges { node { code } } } }
            programme(code: "CYBER") { name status parent { code } children(first: 5) { edges { node { code } } }
              figures(year: "1999-00") { revised } }
            nothing: financialYear(year: "2150-51") { year } }"#,
    );
    assert_eq!(answer["nothing"], Value::Null);
    assert_eq!(answer["programme"]["figures"], Value::Null, "no line is not 0.00");
    assert_eq!(answer["financialYear"]["periods"].as_array().map(Vec::len), Some(13));
    assert_eq!(answer["policy"]["underspendingShare"], "0.1");
    assert_eq!(answer["policy"]["capitalToRevenue"]["caps"].as_array().map(Vec::len), Some(6));
    assert_eq!(answer["body"]["kind"], "DEPARTMENT");
}

#[test]
fn a_line_tells_its_months_and_they_sum_to_the_year() {
    let fixture = Fixture::sample();
    let answer = fixture.ask(
        r#"{ financialYear(year: "2017-18") { plannedVersusActual { rows(first: 50) { edges { node { line {
            key version openedBy class year programme { code } body { code } position
            figures { revised actual forecast } months { month plan actual forecast } } } } } } } }"#,
    );
    let rows = nodes(&answer["financialYear"]["plannedVersusActual"]["rows"]);
    for row in rows {
        let line = &row["line"];
        let months = line["months"].as_array().expect("months");
        let sum = |of: &str| months.iter().map(|month| pence(&month[of])).sum::<i64>();
        assert_eq!(sum("plan"), pence(&line["figures"]["revised"]), "{line}");
        assert_eq!(sum("actual"), pence(&line["figures"]["actual"]), "{line}");
        if !line["figures"]["forecast"].is_null() {
            assert_eq!(sum("forecast"), pence(&line["figures"]["forecast"]), "{line}");
        }
        assert!(number(&line["openedBy"]) <= number(&line["version"]));
    }
}
