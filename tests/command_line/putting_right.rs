//! Entries corrected, forecasts and baselines withdrawn, funds cancelled, and the next year opened.

use super::program::{Desk, text};
use super::served::Served;

const CYBER: &str = "CYBER/RRV/2017-18/revenue";

/// The events of an entry in words.
fn events(desk: &Desk, entry: &serde_json::Value) -> String {
    let entry = desk.row(&format!("log --from {entry}"));
    let events = entry["events"].as_array().into_iter().flatten();
    events.filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join("; ")
}

#[test]
fn any_posting_corrects_an_entry_in_one_step() {
    let desk = Desk::small();
    let wrong = desk.row(&format!("actual {CYBER} 5 --month M1 --reason r"));
    let wrong = &wrong["position"];
    let corrects = format!("actual {CYBER} 7 --month M2 --corrects {wrong} --reason r");
    let tried = desk.does(&format!("{corrects} --dry-run --format csv")).out;
    assert!(tried.contains("actual,5.00,7.00"), "{tried}");
    let right = desk.row(&corrects);
    let landed = serde_json::json!([format!("M1 of {CYBER}"), format!("M2 of {CYBER}")]);
    assert_eq!(right["landed"], landed);
    assert_eq!(
        events(&desk, &right["position"]),
        format!("entry {wrong} reversed; actual M1 -£5.00 on {CYBER}; actual M2 £7.00 on {CYBER}")
    );
    let again = desk.run(&format!("{corrects} --key another"));
    assert_eq!(again.code, 3, "{again:?}");
    // The correction itself is put right.
    let right = &right["position"];
    desk.does(&format!("actual {CYBER} 9 --month M2 --corrects {right} --reason r"));
    let year = desk.row("budget --year 2017-18 --programme CYBER");
    assert_eq!(year["actual"], "9.00");
}

#[test]
fn a_withdrawn_forecast_leaves_the_one_before_everywhere() {
    let desk = Desk::small();
    let forecast = |amount: &str, month: &str| {
        desk.row(&format!("forecast {CYBER} {amount} --month {month} --reason r"))["position"]
            .clone()
    };
    let stands = |moment: &str| {
        let asked = format!("budget --year 2017-18 --programme CYBER {moment}");
        desk.row(asked.trim())["forecast"].clone()
    };
    let first = forecast("80000", "M6");
    let slip = forecast("7", "M12");
    let withdrawn = desk.row(&format!("withdraw-forecast {slip} --reason r"));
    assert_eq!(stands(""), "80000.00");
    assert_eq!(stands(&format!("--at {slip}")), "7.00");
    let revised = desk.rows("show revisions --year 2017-18");
    let change = |row: &serde_json::Value| ["before", "after"].map(|name| row[name].clone());
    assert_eq!(change(&revised[2]), ["7.00", "80000.00"]);
    desk.does(&format!("withdraw-forecast {first} --reason r"));
    assert_eq!(stands(""), serde_json::Value::Null);
    assert_eq!(stands(&format!("--at {}", withdrawn["position"])), "80000.00");
    let revised = desk.rows("show revisions --year 2017-18");
    assert_eq!(change(&revised[3]), [serde_json::json!("80000.00"), serde_json::Value::Null]);
    // Supposing a withdrawal needs every forecast of the line.
    let (early, late) = (forecast("60000", "M5"), forecast("50000", "M7"));
    let posting =
        format!(r#"{{"reason":"r","command":{{"withdrawForecast":{{"entry":{late}}}}}}}"#);
    desk.write("withdraw.jsonl", format!("{posting}\n"));
    assert_eq!(stands("--what-if withdraw.jsonl"), "60000.00", "{early}");
    let late = desk.run(&format!("forecast {CYBER} 40000 --month M6 --reason r"));
    assert!(late.err.contains("has a forecast stated in M7, which stands"), "{late:?}");
}

#[test]
fn a_baseline_is_withdrawn_only_with_a_signature() {
    let desk = Desk::small();
    let withdraw = "withdraw-baseline 2017-18 original --reason r";
    let tried = desk.does(&format!("{withdraw} --dry-run"));
    assert!(tried.err.contains("would wait for sign-off by department XDH"), "{tried:?}");
    let waits = desk.row(withdraw);
    assert_eq!(waits["outcome"], "AWAITING_SIGN_OFF");
    let refused = desk.run("baseline 2030-31 --reason r");
    assert!(refused.err.contains("no line of 2030-31 has budget yet"), "{refused:?}");
}

#[test]
fn a_fund_is_cancelled_and_what_it_gives_up_can_be_asked_before() {
    let desk = Desk::sample();
    let asked = desk.rows("show balances --fund X-FUND");
    let capital = &asked[0];
    assert_eq!(
        ["class", "uncancelled"].map(|name| text(capital, name)),
        ["capital", "25000000.00"]
    );
    let what_if = "what-if --cancel-fund X-FUND --to treasury";
    let told = desk.does(what_if);
    assert!(told.err.contains("cancelling X-FUND would release £25,000,000.00"), "{told:?}");
    let served = Served::on(&desk);
    assert_eq!(served.does(what_if).out, told.out);
    drop(served);
    desk.does("fund cancel X-FUND --to treasury --class capital --reason r");
    let left = &desk.rows("show balances --fund X-FUND")[0];
    assert_eq!(["cancelled", "uncancelled"].map(|name| text(left, name)), ["25000000.00", "0.00"]);
    assert_eq!(desk.run("what-if --cancel-fund X-FUND --to programme:CYBER").code, 2);
}

/// An unknown code is the error, and nothing is shown before it.
#[test]
fn an_unknown_code_is_not_cancelled() {
    let desk = Desk::sample();
    for (verb, kind) in
        [("--cancel P2020", "programme P2020"), ("--cancel-fund CYBER", "fund CYBER")]
    {
        let refused = desk.run(&format!("what-if {verb}"));
        assert_eq!((refused.code, &*refused.out), (3, ""), "{refused:?}");
        assert!(refused.err.starts_with(&format!("error: there is no {kind}")), "{refused:?}");
        assert!(!refused.err.contains("would release"), "{refused:?}");
    }
}

#[test]
fn the_next_year_opens_with_the_lines_of_this_one() {
    let desk = Desk::sample();
    let open = "open-year 2026-27 --fund X-FUND --programme X-STOP --reason r";
    let tried = desk.rows(&format!("{open} --dry-run"));
    let row = ["account", "figure", "after"].map(|name| text(&tried[0], name));
    assert_eq!(row, ["X-STOP/XDH/2027-28/capital", "revised", "0.00"]);
    let opened = desk.row(&format!("{open} --key once"));
    let again = desk.row(&format!("{open} --key once"));
    assert_eq!((&again["position"], &again["replayed"]), (&opened["position"], &true.into()));
    let left = desk.run(open);
    assert!(left.err.contains("no line of 2026-27 is left to open in 2027-28"), "{left:?}");
}
