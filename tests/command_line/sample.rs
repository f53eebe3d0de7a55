//! The sample book: the published figures, exactly, and what was known when.

use serde_json::Value;

use super::program::{Desk, programme, text};

const BY_PROGRAMME: &str = "budget --year 2017-18 --rollup programme";

/// Scripts rely on them, and on their order.
const KEYS: &str = "year,programme,name,body,class,ringFence,original,revised,planToDate,committed,\
                    accrued,actual,forecast,available,variance,varianceBasis,sense,percentUsed,\
                    status,inferred,position,parent,level,isTotal,forecastKnown,forecastOf,outturn,\
                     through,on";

const MONEY: [&str; 9] = [
    "original",
    "revised",
    "planToDate",
    "committed",
    "accrued",
    "actual",
    "forecast",
    "available",
    "variance",
];

/// Code, original, revised, actual, forecast; a dash for null.
fn check(rows: &[Value], table: &[[&str; 5]]) {
    for [code, figures @ ..] in table {
        let row = programme(rows, code);
        for (member, figure) in ["original", "revised", "actual", "forecast"].iter().zip(figures) {
            let expected = if *figure == "-" { Value::Null } else { Value::from(*figure) };
            assert_eq!(row.get(*member), Some(&expected), "{member} of {code}: {row}");
        }
    }
}

#[test]
fn the_year_2017_18_is_as_the_department_answered() {
    let rows = Desk::sample().rows(BY_PROGRAMME);
    check(
        &rows,
        &[
            ["CYBER", "8700000.00", "72400000.00", "72400000.00", "31500000.00"],
            ["PROVDIG", "202600000.00", "121600000.00", "121600000.00", "-"],
            ["WIFI", "49000000.00", "35300000.00", "35300000.00", "-"],
            ["SUSPENSE", "0.00", "31000000.00", "0.00", "-"],
        ],
    );
    assert_eq!(programme(&rows, "SUSPENSE")["inferred"], true);
    assert_eq!(programme(&rows, "CYBER")["varianceBasis"], "outturn");
}

#[test]
fn as_of_a_date_only_what_was_known_then_is_told() {
    let desk = Desk::sample();
    for moment in ["2018-03-01", "2018-03-01T12:00:00Z"] {
        let rows = desk.rows(&format!("{BY_PROGRAMME} --as-of {moment}"));
        check(
            &rows,
            &[
                ["CYBER", "8700000.00", "8700000.00", "0.00", "31500000.00"],
                ["PROVDIG", "202600000.00", "202600000.00", "0.00", "-"],
                ["WIFI", "49000000.00", "49000000.00", "0.00", "-"],
            ],
        );
        assert!(rows.iter().all(|row| text(row, "programme") != "SUSPENSE"), "{rows:?}");
        assert_eq!(programme(&rows, "CYBER")["varianceBasis"], "forecast");
        assert_eq!(programme(&rows, "CYBER")["position"], 67);
        assert_eq!(programme(&rows, "CYBER")["planToDate"], "8700000.00");
    }
    // As at the last entry that was known it is the same, but for the month that the moment is in.
    let rows = desk.rows(&format!("{BY_PROGRAMME} --at 67"));
    check(&rows, &[["CYBER", "8700000.00", "8700000.00", "0.00", "31500000.00"]]);
    assert_eq!(programme(&rows, "CYBER")["planToDate"], "7250000.00");
    // The forecast came out on 31 January 2018 at noon: a moment before, only the plan was known.
    for (moment, forecast) in
        [("2018-01-30", "-"), ("2018-01-31T11:59:59Z", "-"), ("2018-01-31", "31500000.00")]
    {
        let rows = desk.rows(&format!("{BY_PROGRAMME} --as-of {moment}"));
        check(&rows, &[["CYBER", "8700000.00", "8700000.00", "0.00", forecast]]);
    }
}

#[test]
fn through_a_month_only_what_took_effect_by_then_is_told() {
    let desk = Desk::sample();
    // Plans take effect in M1, the forecast in M10, the diversion and the outturn in M12.
    for (month, row) in [
        ("M9", ["CYBER", "8700000.00", "8700000.00", "0.00", "-"]),
        ("M10", ["CYBER", "8700000.00", "8700000.00", "0.00", "31500000.00"]),
        ("M12", ["CYBER", "8700000.00", "72400000.00", "72400000.00", "31500000.00"]),
    ] {
        check(&desk.rows(&format!("{BY_PROGRAMME} --through {month}")), &[row]);
    }
}

#[test]
fn the_other_years_are_as_published() {
    let desk = Desk::sample();
    let table: [(&str, &[[&str; 5]]); 3] = [
        ("2016-17", &[["CYBER", "8600000.00", "8600000.00", "5100000.00", "-"]]),
        (
            "2018-19",
            &[
                ["PROVDIG", "236600000.00", "236600000.00", "0.00", "174400000.00"],
                ["CYBER", "57200000.00", "57200000.00", "0.00", "22900000.00"],
                ["OTHER25", "359400000.00", "359400000.00", "0.00", "324700000.00"],
            ],
        ),
        ("2006-07", &[["NPFIT", "1595000000.00", "1595000000.00", "1117000000.00", "-"]]),
    ];
    for (year, figures) in table {
        check(&desk.rows(&format!("budget --year {year} --rollup programme")), figures);
    }
    let rows = desk.rows("budget --year 2006-07 --class revenue");
    check(&rows, &[["NPFIT", "540000000.00", "540000000.00", "528000000.00", "-"]]);
}

#[test]
fn the_fund_of_2016_tells_new_money_from_re_announced() {
    let rows = Desk::sample().rows("funds");
    let fund = |code: &str| rows.iter().find(|row| text(row, "fund") == code).expect(code);
    let paperless = fund("P2020");
    assert_eq!(paperless["settled"], "4200000000.00");
    assert_eq!(paperless["newMoney"], "1300000000.00");
    assert_eq!(paperless["reannounced"], "2900000000.00");
    for (purpose, earmarked) in [
        ("P2020-PAPERFREE", "1800000000.00"),
        ("P2020-INFRA", "1000000000.00"),
        ("P2020-OOH", "750000000.00"),
        ("P2020-DIGITAL", "400000000.00"),
        ("P2020-DATA", "250000000.00"),
    ] {
        assert_eq!(fund(purpose)["earmarked"], earmarked, "{purpose}");
        assert_eq!(fund(purpose)["parent"], "P2020");
    }
}

#[test]
fn a_budget_row_has_the_keys_that_scripts_rely_on() {
    let desk = Desk::sample();
    let sorted = |mut keys: Vec<String>| {
        keys.sort();
        keys
    };
    let keys = sorted(KEYS.split(',').map(str::to_owned).collect());
    for rollup in ["", " --rollup programme", " --rollup body", " --rollup class", " --rollup year"]
    {
        let question = format!("budget --year 2017-18{rollup}");
        for row in desk.rows(&question) {
            let row = row.as_object().expect("an object");
            assert_eq!(sorted(row.keys().cloned().collect()), keys, "{question}");
            for member in MONEY {
                if row[member].is_null() {
                    assert!(["original", "forecast"].contains(&member), "{row:?}");
                } else {
                    assert!(row[member].as_str().is_some_and(is_pounds), "{member}: {row:?}");
                }
            }
            assert!(row["inferred"].is_boolean() && row["position"].is_u64(), "{row:?}");
            assert!(row["percentUsed"].is_number() || row["percentUsed"].is_null(), "{row:?}");
        }
        let csv = desk.does(&format!("{question} --format csv")).out;
        assert_eq!(csv.lines().next(), Some(KEYS), "{question}");
    }
}

fn is_pounds(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let positive = text.strip_prefix('-').unwrap_or(text);
    positive.split_once('.').is_some_and(|(pounds, pence)| digits(pounds) && digits(pence))
        && positive.as_bytes()[positive.len() - 3] == b'.'
}

#[test]
fn the_sample_comes_out_the_same_every_time() {
    let (first, second) = (Desk::bare(), Desk::bare());
    let made = first.row("init --sample --data here");
    assert_eq!(made, second.row("init --sample --data elsewhere"));
    assert_eq!(first.row("verify --data here")["root"], made["root"]);
    assert_eq!(first.does("export --data here").out, second.does("export --data elsewhere").out);
    assert_eq!(text(&made, "root").len(), 64);
}

#[test]
fn what_no_source_states_says_how_it_was_derived() {
    let desk = Desk::sample();
    let behind = desk.rows("show behind --year 2017-18 --programme SUSPENSE");
    assert_eq!(behind.len(), 1, "{behind:?}");
    assert_eq!(behind[0]["amount"], "31000000.00");
    let position = &behind[0]["position"];
    let entry = desk.row(&format!("log --reverse --from {position} --limit 1"));
    assert!(text(&entry, "inferred").contains("most"), "{entry}");
    assert!(entry["evidence"].to_string().contains("HSJ 7022965"), "{entry}");
}

#[test]
fn the_sample_replays_and_verifies() {
    let desk = Desk::sample();
    let replayed = desk.row("replay");
    assert_eq!(replayed["differing"], 0);
    assert_eq!(desk.row("replay --to 50")["entries"], 50);
    let verified = desk.row("verify");
    assert_eq!(verified["root"], replayed["root"]);
    assert_eq!(verified["entries"], replayed["entries"]);
}

#[test]
fn what_waits_says_since_when_the_limit_that_it_passes_holds() {
    let desk = Desk::sample();
    let opened = "2004-04-01T11:00:00.000000Z";
    for (row, limit) in desk.rows("queue").iter().zip(["50000.00", "100000.00"]) {
        assert_eq!((text(row, "limit"), text(row, "ruleSince")), (limit, opened), "{row}");
    }
    let shown = desk.does("show entry 118 --format csv").out;
    let step = "step,\"icb X-ICB by PROVIDER_INVESTMENT over £50,000.00\"\n";
    assert!(shown.contains(&format!("{step}rules since,{opened}\n")), "{shown}");
    assert!(!desk.does("show entry 117 --format csv").out.contains("since"), "it needed none");
}
