//! Who paid for whom, what was deferred, and capital that paid for revenue, on the command line.

use serde_json::{Value, json};

use crate::program::Desk;

#[test]
fn who_paid_for_cyber_security_in_2017_18_is_told_to_the_penny() {
    let desk = Desk::sample();
    let rows = desk.rows("flows --year 2017-18");
    let paid = |from: &str, to: Value| {
        let found = rows.iter().find(|row| row["fromCode"] == from && row["toCode"] == to);
        found.unwrap_or_else(|| panic!("{from} to {to} in {rows:#?}"))
    };
    let (cyber, suspense) = (paid("WIFI", json!("CYBER")), paid("PROVDIG", Value::Null));
    assert_eq!((&cyber["amount"], &cyber["byRule"]), (&json!("9215311.51"), &json!("9215311.51")));
    assert_eq!(
        (&suspense["to"], &suspense["amount"]),
        (&json!("unattributed"), &json!("26515311.51"))
    );
    assert_eq!((&cyber["unattributed"], &suspense["unattributed"]), (&json!(false), &json!(true)));
    let margins = desk.rows("flows --year 2017-18 --margins");
    let margin = |party: &str, code: Value| {
        let found = margins.iter().find(|row| row["party"] == party && row["code"] == code);
        found.unwrap_or_else(|| panic!("{party} {code} in {margins:#?}"))
    };
    assert_eq!(margin("programme", json!("PROVDIG"))["given"], "81000000.00");
    assert_eq!(margin("programme", json!("CYBER"))["received"], "63700000.00");
    assert_eq!(margin("unattributed", Value::Null)["received"], "31000000.00");
    let path = desk.rows("flows --year 2017-18 --path CYBER");
    assert_eq!((&path[0]["to"], &path[0]["distance"]), (&json!("spend"), &json!(0)));
    let origins = desk.rows("flows --year 2017-18 --programme CYBER --origins");
    let pence = |row: &Value| row["budget"].as_str().unwrap().replace('.', "").parse::<i64>();
    let sum: i64 = origins.iter().map(|row| pence(row).unwrap()).sum();
    assert_eq!(sum, 7_240_000_000, "{origins:#?}");
}

#[test]
fn what_was_deferred_and_switched_is_shown_with_what_became_of_it() {
    let desk = Desk::small();
    let by = "--reason r --authority 'The Treasury'";
    for posting in [
        "fund establish F Fund",
        "settle F --class revenue --from 2030-31 --to 2031-32 --new 4000",
        "settle F --class capital --from 2030-31 --to 2031-32 --new 4000",
        "allocate F WIFI/RRV/2030-31/revenue=1000 --month M1",
        "allocate F CYBER/RRV/2030-31/capital=1000 --month M1",
        "exchange WIFI/RRV/2030-31/revenue 7 --month M11",
        "reallocate --from EXCHANGE/XDH/2031-32/revenue=5 --to CYBER/RRV/2031-32/revenue=5 --month M1",
        "reallocate --from CYBER/RRV/2030-31/capital=9 --to WIFI/RRV/2030-31/revenue=9 --month M2",
    ] {
        desk.does(&format!("{posting} {by}"));
    }
    let rows = desk.rows("show exchanges --year 2030-31");
    let all = rows.last().expect("all of it");
    assert_eq!(
        [&all["programme"], &all["deferred"], &all["arrived"], &all["waiting"]],
        [&Value::Null, &json!("7.00"), &json!("5.00"), &json!("2.00")]
    );
    let rows = desk.rows("show switches --year 2030-31");
    assert_eq!(rows.len(), 1);
    assert_eq!(
        [&rows[0]["amount"], &rows[0]["used"], &rows[0]["authority"]],
        [&json!("9.00"), &json!("9.00"), &json!("The Treasury")]
    );
}
