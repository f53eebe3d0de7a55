//! The verbs that post: what each is told, what it records, and what it answers.

use serde_json::Value;

use super::program::{CYBER, Desk, SMALL_HEAD, WIFI, text};

/// Posts, and compares what the log says of it.
fn check(desk: &Desk, arguments: &str, event: &str) -> Value {
    let receipt = desk.row(&format!("{arguments} --reason 'as asked'"));
    let position = receipt["position"].as_u64().expect("a position");
    assert_eq!(receipt["outcome"], "POSTED", "{arguments}");
    assert_eq!(receipt["replayed"], false, "{arguments}");
    assert_eq!(receipt["dryRun"], false, "{arguments}");
    let entry = desk.row(&format!("log --from {position}"));
    assert_eq!(entry["recorded"], receipt["recorded"], "{arguments}");
    assert_eq!(entry["reason"], "as asked", "{arguments}");
    let events = entry["events"].as_array().expect("events");
    let events: Vec<&str> = events.iter().filter_map(Value::as_str).collect();
    assert_eq!(events.join("; "), event, "{arguments}");
    receipt
}

/// Figures of a line: member and value.
fn check_line(desk: &Desk, line: &str, figures: &[(&str, &str)]) {
    let mut parts = line.split('/');
    let mut part = || parts.next().expect(line);
    let (programme, body, year, class) = (part(), part(), part(), part());
    let rows = desk.rows(&format!("budget --year {year} --programme {programme} --class {class}"));
    let row = rows.iter().find(|row| text(row, "body") == body).expect(line);
    for (member, figure) in figures {
        assert_eq!(text(row, member), *figure, "{member} of {line}");
    }
}

#[test]
fn a_book_begins_with_its_department_and_takes_registrations() {
    let desk = Desk::bare();
    let made = desk.row("init --department QDH --name 'A department'");
    assert_eq!(made["entries"], 1);
    for (arguments, event) in [
        ("fund establish P2020 'Paperless 2020'", "fund P2020 established: Paperless 2020"),
        (
            "fund establish P2020-INFRA Infrastructure --parent P2020",
            "fund P2020-INFRA established: Infrastructure",
        ),
        ("programme open TECH Technology", "programme TECH opened: Technology"),
        ("programme open APPS Apps --parent TECH", "programme APPS opened: Apps"),
        ("programme rename APPS 'Apps for patients'", "programme APPS renamed: Apps for patients"),
        ("programme close APPS", "programme APPS closed"),
        (
            "body register RRV 'A trust' --kind trust --parent QDH --opened-on 2004-07-01",
            "body RRV registered: A trust",
        ),
        ("body register R1K Another --kind gp-practice", "body R1K registered: Another"),
        ("body register RNJ 'A third' --kind national-body", "body RNJ registered: A third"),
        ("body close RNJ --on 2012-03-31", "body RNJ closed on 2012-03-31"),
        ("body merge R1K --into RRV --on 2018-03-31", "bodies R1K merged into RRV on 2018-03-31"),
    ] {
        check(&desk, arguments, event);
    }
    let programmes = desk.rows("programme list");
    let apps = programmes.iter().find(|row| row["code"] == "APPS").expect("listed");
    assert_eq!(
        [&apps["name"], &apps["parent"], &apps["status"]],
        ["Apps for patients", "TECH", "closed"]
    );
    let bodies = desk.rows("body list");
    let body = |code: &str| bodies.iter().find(|row| row["code"] == code).expect(code);
    assert_eq!(body("QDH")["kind"], "department");
    assert_eq!([&body("RRV")["parent"], &body("RRV")["openedOn"]], ["QDH", "2004-07-01"]);
    assert_eq!([&body("R1K")["closedOn"], &body("R1K")["successor"]], ["2018-03-31", "RRV"]);
    assert_eq!([&body("R1K")["kind"], &body("RNJ")["kind"]], ["gpPractice", "nationalBody"]);
    assert_eq!(body("RNJ")["successor"], Value::Null);
}

#[test]
fn money_is_settled_earmarked_allocated_and_cut() {
    let desk = Desk::small();
    for (arguments, event) in [
        (
            "settle CENTRAL --class revenue --from 2017-18 --to 2019-20 --new £1.2m --reannounced 50k",
            "settled for 2017-18 to 2019-20: Treasury -£1,200,000.00, existing budgets \
             -£50,000.00, fund CENTRAL/revenue £1,250,000.00",
        ),
        ("fund establish CYBERFUND Cyber --parent CENTRAL", "fund CYBERFUND established: Cyber"),
        (
            "earmark CENTRAL --class revenue CYBERFUND=250,000",
            "earmarked: fund CENTRAL/revenue -£250,000.00, fund CYBERFUND/revenue £250,000.00",
        ),
        (
            "allocate CYBERFUND CYBER/RRV/2017-18/revenue=10k WIFI/XDH/2017-18/revenue=0 --month M2",
            "allocated M2: fund CYBERFUND/revenue -£10,000.00, CYBER/RRV/2017-18/revenue \
             £10,000.00, WIFI/XDH/2017-18/revenue £0.00",
        ),
        (
            "cut CYBER/RRV/2017-18/revenue 2,500.50 --month M3 --to CYBERFUND",
            "cut M3: CYBER/RRV/2017-18/revenue -£2,500.50, fund CYBERFUND/revenue £2,500.50",
        ),
        (
            "cut CYBER/RRV/2017-18/revenue 1000 --month M3 --to treasury",
            "cut M3: CYBER/RRV/2017-18/revenue -£1,000.00, Treasury £1,000.00",
        ),
        (
            "cut WIFI/RRV/2017-18/revenue 1000 --month M3",
            "cut M3: WIFI/RRV/2017-18/revenue -£1,000.00, fund CENTRAL/revenue £1,000.00",
        ),
    ] {
        check(&desk, arguments, event);
    }
    check_line(&desk, CYBER, &[("original", "100000.00"), ("revised", "106499.50")]);
    check_line(&desk, WIFI, &[("revised", "99000.00")]);
    check_line(&desk, "WIFI/XDH/2017-18/revenue", &[("original", "0.00"), ("revised", "0.00")]);
    let fund = desk.row("funds CYBERFUND");
    assert_eq!([&fund["earmarked"], &fund["unallocated"]], ["250000.00", "242500.50"]);
}

#[test]
fn budget_moves_between_lines_years_and_classes() {
    let desk = Desk::small();
    check(
        &desk,
        &format!(
            "reallocate --from {WIFI}=1,000.01 --to {CYBER}=600.01 --to SUSPENSE/XDH/2017-18/revenue=400 --month M4"
        ),
        "reallocated M4: WIFI/RRV/2017-18/revenue -£1,000.01, CYBER/RRV/2017-18/revenue £600.01, \
         SUSPENSE/XDH/2017-18/revenue £400.00",
    );
    check(
        &desk,
        &format!("exchange {WIFI} 500 --month M6"),
        "exchanged M6: WIFI/RRV/2017-18/revenue -£500.00, EXCHANGE/XDH/2018-19/revenue £500.00",
    );
    desk.does("allocate CENTRAL WIFI/RRV/2017-18/unsplit=100k --month M1 --reason r");
    check(
        &desk,
        "split WIFI/RRV/2017-18/unsplit --capital 60k --revenue 30k --month M3 --evidence 'FOI 1'",
        "split M3: WIFI/RRV/2017-18/unsplit -£90,000.00, WIFI/RRV/2017-18/capital £60,000.00, \
         WIFI/RRV/2017-18/revenue £30,000.00",
    );
    check_line(&desk, CYBER, &[("revised", "100600.01")]);
    check_line(&desk, WIFI, &[("revised", "128499.99")]);
    check_line(&desk, "WIFI/RRV/2017-18/unsplit", &[("revised", "10000.00")]);
    check_line(&desk, "SUSPENSE/XDH/2017-18/revenue", &[("revised", "400.00")]);
    check_line(&desk, "EXCHANGE/XDH/2018-19/revenue", &[("revised", "500.00")]);
}

#[test]
fn spend_is_committed_accrued_and_recorded() {
    let desk = Desk::small();
    for (arguments, event) in [
        (
            "commit LINE 10k --month M2 --reference PO-1",
            "committed M2 £10,000.00 as PO-1 on CYBER/RRV/2017-18/revenue",
        ),
        (
            "accrue LINE 4,000 --month M3 --reference AC-1 --discharges PO-1",
            "accrued M3 £4,000.00 as AC-1 on CYBER/RRV/2017-18/revenue, discharging £4,000.00 of PO-1",
        ),
        (
            "actual LINE 3000 --month M4 --discharges AC-1 --transaction T-1",
            "actual M4 £3,000.00 on CYBER/RRV/2017-18/revenue, discharging £3,000.00 of AC-1",
        ),
        ("actual LINE (500.00) --month M5", "actual M5 -£500.00 on CYBER/RRV/2017-18/revenue"),
        ("actual LINE -1 --month M5", "actual M5 -£1.00 on CYBER/RRV/2017-18/revenue"),
        (
            "release PO-1 1k --month M5",
            "commitment released M5 £1,000.00 as PO-1 on CYBER/RRV/2017-18/revenue",
        ),
        (
            "release AC-1 --month M5",
            "accrual released M5 £1,000.00 as AC-1 on CYBER/RRV/2017-18/revenue",
        ),
    ] {
        check(&desk, &arguments.replace("LINE", CYBER), event);
    }
    let figures = [
        ("committed", "5000.00"),
        ("accrued", "0.00"),
        ("actual", "2499.00"),
        ("available", "92501.00"),
    ];
    check_line(&desk, CYBER, &figures);
    assert_eq!(desk.rows("log --cites PO-1").len(), 3);
    assert_eq!(desk.rows("log --cites T-1").len(), 1);
}

#[test]
fn what_is_expected_is_stated_and_explained() {
    let desk = Desk::small();
    for (arguments, event) in [
        ("forecast LINE 90k --month M6", "forecast M6 £90,000.00 for CYBER/RRV/2017-18/revenue"),
        (
            "forecast LINE 120 --month M6 --internal --phasing 10 10 10 10 10 10 10 10 10 10 10 10",
            "internal forecast M6 £120.00 for CYBER/RRV/2017-18/revenue",
        ),
        (
            "explain LINE 6k --cause slippage",
            "underspend of CYBER/RRV/2017-18/revenue explained: slippage £6,000.00",
        ),
        ("profile LINE 1,1,1,1,1,1,1,1,1,1,1,9", "profile of CYBER/RRV/2017-18/revenue set"),
        ("baseline 2017-18 supplementary", "baseline supplementary of 2017-18 struck"),
    ] {
        check(&desk, &arguments.replace("LINE", CYBER), event);
    }
    check_line(&desk, CYBER, &[("forecast", "90000.00"), ("variance", "10000.00")]);
    let months = desk.rows(&format!("show line {CYBER}"));
    assert_eq!([&months[0]["plan"], &months[11]["plan"]], ["5000.00", "45000.00"]);
    let reasons = desk.rows("show underspends --year 2017-18 --programme CYBER");
    let reasons: Vec<_> =
        reasons.iter().map(|row| (text(row, "cause"), text(row, "amount"))).collect();
    assert_eq!(reasons, [("slippage", "6000.00"), ("unexplained", "4000.00")]);
}

#[test]
fn entries_are_reversed_programmes_cancelled_and_months_closed() {
    let desk = Desk::small();
    let moved =
        desk.row(&format!("reallocate --from {WIFI}=5 --to {CYBER}=5 --month M1 --reason r"));
    check(
        &desk,
        &format!("reverse {}", moved["position"]),
        "entry 13 reversed; reallocated M1: WIFI/RRV/2017-18/revenue £5.00, \
         CYBER/RRV/2017-18/revenue -£5.00",
    );
    check_line(&desk, WIFI, &[("revised", "100000.00")]);
    check(&desk, "close 2017-18 M1", "2017-18 M1 closed soft");
    check(&desk, "reopen 2017-18 M1 --authority 'a letter'", "2017-18 M1 reopened");
    check(
        &desk,
        "cancel WIFI --to programme:CYBER --month M6",
        "programme WIFI cancelled; withdrawn M12: WIFI/RRV/2017-18/revenue -£100,000.00, \
         CYBER/RRV/2017-18/revenue £100,000.00",
    );
    check_line(&desk, CYBER, &[("revised", "200000.00")]);
    check(&desk, "close 2017-18 --hard", "2017-18 closed hard");
    check(
        &desk,
        "actual CYBER/RRV/2018-19/revenue 12.34 --month M1 --concerns 2017-18",
        "actual M1 £12.34 on CYBER/RRV/2018-19/revenue",
    );
    let restated = desk.row("show restated --year 2017-18");
    assert_eq!([&restated["amount"], &restated["measure"]], ["12.34", "actual"]);
}

#[test]
fn every_posting_says_who_why_and_on_what_it_rests() {
    let desk = Desk::small();
    desk.does(
        "actual CYBER/RRV/2017-18/revenue 5 --month M2 --reason 'An invoice.' --key inv-1 --actor u-17 \
         --authority 'HMT letter' --evidence 'FOI 1' --evidence 'FOI 2' --inferred 'The total less the rest.'",
    );
    let entry = desk.row(&format!("log --from {}", SMALL_HEAD + 1));
    for (member, value) in [
        ("actor", Value::from("u-17")),
        ("key", "inv-1".into()),
        ("reason", "An invoice.".into()),
        ("authority", "HMT letter".into()),
        ("evidence", serde_json::json!(["FOI 1", "FOI 2"])),
        ("inferred", "The total less the rest.".into()),
    ] {
        assert_eq!(entry[member], value);
    }
    let row = desk.row("budget --year 2017-18 --programme CYBER");
    assert_eq!(row["inferred"], true);
    // Without a key it is another posting each time.
    for position in [SMALL_HEAD + 2, SMALL_HEAD + 3] {
        let receipt = desk.row(&format!("actual {CYBER} 5 --month M2 --reason again"));
        assert_eq!(receipt["position"], position);
    }
}

#[test]
fn a_dry_run_shows_before_and_after_and_stores_nothing() {
    let desk = Desk::small();
    desk.does(&format!("commit {CYBER} 1k --month M1 --reference PO-1 --reason r"));
    let before = desk.entries();
    let table: [(&str, &[[&str; 4]]); 4] = [
        (
            "reallocate --from WIFI/RRV/2017-18/revenue=10 --to CYBER/RRV/2017-18/revenue=10 --month M1",
            &[
                [CYBER, "revised", "100000.00", "100010.00"],
                [CYBER, "available", "99000.00", "99010.00"],
                [WIFI, "revised", "100000.00", "99990.00"],
                [WIFI, "available", "100000.00", "99990.00"],
            ],
        ),
        (
            "actual CYBER/RRV/2017-18/revenue 400 --month M1 --discharges PO-1",
            &[[CYBER, "committed", "1000.00", "600.00"], [CYBER, "actual", "0.00", "400.00"]],
        ),
        (
            "allocate CENTRAL CYBER/RRV/2018-19/revenue=5 --month M1",
            &[
                ["CENTRAL/revenue", "unallocated", "800000.00", "799995.00"],
                ["CYBER/RRV/2018-19/revenue", "revised", "0.00", "5.00"],
                ["CYBER/RRV/2018-19/revenue", "available", "0.00", "5.00"],
            ],
        ),
        ("programme rename WIFI Wireless", &[]),
    ];
    for (arguments, changes) in table {
        let rows = desk.rows(&format!("{arguments} --reason r --dry-run"));
        let told: Vec<[&str; 4]> = rows
            .iter()
            .map(|row| ["account", "figure", "before", "after"].map(|member| text(row, member)))
            .collect();
        assert_eq!(told, changes, "{arguments}");
        assert!(rows.iter().all(|row| row["dryRun"] == true), "{rows:?}");
    }
    let refused = desk.run(&format!("cut {CYBER} 1m --month M1 --reason r --dry-run"));
    assert_eq!(refused.code, 3, "{refused:?}");
    assert_eq!(desk.entries(), before);
    // A dry run takes no key either: the real posting that follows is the first.
    let keyed = format!("actual {CYBER} 5 --month M1 --reason r --key k");
    desk.does(&format!("{keyed} --dry-run"));
    assert_eq!(desk.row(&keyed)["replayed"], false);
    let again = desk.does(&format!("{keyed} --dry-run"));
    assert!(again.out.contains("this key posted entry 14"), "{again:?}");
}

#[test]
fn a_key_posts_once_and_stands_for_one_command() {
    let desk = Desk::small();
    let posting = format!("actual {CYBER} 5 --month M1 --reason r --key k");
    let first = desk.row(&posting);
    let after = desk.entries();
    let again = desk.row(&posting);
    assert_eq!(again["replayed"], true);
    assert_eq!([&again["position"], &again["recorded"]], [&first["position"], &first["recorded"]]);
    // The amount was typed otherwise, and is the same.
    assert_eq!(desk.row(&posting.replace(" 5 ", " £5.00 "))["replayed"], true);
    for other in [posting.replace(" 5 ", " 6 "), posting.replace("reason r", "reason s")] {
        let refused = desk.run(&format!("{other} --format json"));
        assert_eq!(refused.code, 5, "{refused:?}");
        assert_eq!(refused.error()["code"], "IDEMPOTENCY_KEY_REUSED");
    }
    assert_eq!(desk.entries(), after);
    // Keys are each actor's own.
    assert_eq!(desk.row(&format!("{posting} --actor another"))["replayed"], false);
}

#[test]
fn a_line_that_has_moved_on_since_it_was_read_is_a_conflict() {
    let desk = Desk::small();
    let posting =
        |version: u64| format!("actual {CYBER} 5 --month M1 --reason r --expect {CYBER}@{version}");
    desk.does(&posting(10));
    let after = desk.entries();
    let refused = desk.run(&format!("{} --format json", posting(10)));
    assert_eq!(refused.code, 5, "{refused:?}");
    assert_eq!(refused.error()["currentVersion"], SMALL_HEAD + 1);
    assert_eq!(desk.entries(), after);
    desk.does(&posting(SMALL_HEAD + 1));
}

#[test]
fn what_a_rule_warns_of_is_posted_and_stays_on_the_entry() {
    let desk = Desk::small();
    desk.does("allocate CENTRAL WIFI/RRV/2017-18/capital=0 --month M1 --reason r");
    let posting = format!(
        "reallocate --from {WIFI}=10 --to WIFI/RRV/2017-18/capital=10 --month M1 --reason r"
    );
    let answer = desk.does(&posting);
    assert!(answer.err.contains("warning: £10.00 of revenue pays for capital"), "{answer:?}");
    let entry = desk.row("log --from 14");
    assert!(entry["warnings"].to_string().contains("of revenue pays for capital"), "{entry}");
    let over = desk.row(&format!("actual {CYBER} 100,000.01 --month M1 --reason r"));
    assert_eq!(over["warnings"].as_array().map(Vec::len), Some(1), "{over}");
}
