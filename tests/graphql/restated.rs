//! A closed year, restated by what comes to light after its close.

use serde_json::json;

use crate::fixture::Fixture;

/// GBP 8.00 of 2016-17's costs come to light after its close and are accrued; 5.00 are paid, the rest is
/// not asked for.
#[test]
fn an_accrual_that_restates_a_year_does_so_until_it_is_paid_or_released() {
    let fixture = Fixture::empty();
    fixture.post("openProgramme", "code: \"A\", name: \"A\"");
    let line = |year: &str| format!("line: \"A/XDH/{year}/revenue\", month: \"M1\"");
    let spend = |year: &str, rest: &str| format!("{}, amount: {rest}", line(year));
    fixture.post("recordActual", &spend("2016-17", "\"100.00\""));
    fixture.post("closePeriod", "year: \"2016-17\", close: HARD");
    let restated = |filter: &str| {
        let told = fixture.ask(&format!(
            "{{ financialYear(year: \"2016-17\") {{ restated{filter} {{ measure posted adjusted restated }} }} }}"
        ));
        let figures = told["financialYear"]["restated"].as_array().unwrap().clone();
        figures
            .iter()
            .skip(1)
            .map(|f| f["adjusted"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(restated(""), ["0.00", "0.00"]);
    fixture
        .post("accrue", &spend("2017-18", "\"8.00\", reference: \"A-1\", concerns: \"2016-17\""));
    assert_eq!(restated(""), ["8.00", "0.00"], "accrued, actual");
    // What pays it concerns the same year, without saying so.
    let paid = fixture.post("recordActual", &spend("2017-18", "\"5.00\", discharges: \"A-1\""));
    assert_eq!(restated(""), ["3.00", "5.00"]);
    fixture.post("reverse", &format!("entry: \"{paid}\""));
    assert_eq!(restated(""), ["8.00", "0.00"]);
    fixture.post("recordActual", &spend("2017-18", "\"5.00\", discharges: \"A-1\""));
    assert_eq!(restated(""), ["3.00", "5.00"]);
    let touched = fixture.ask(
        "{ financialYear(year: \"2016-17\") { plannedVersusActual { closedYearTouched { measure amount } } } }",
    );
    let touched = &touched["financialYear"]["plannedVersusActual"]["closedYearTouched"];
    assert_eq!(*touched, json!({ "measure": "ACTUAL", "amount": "5.00" }), "not the accrual's end");
    let released = fixture.post("releaseCommitment", "reference: \"A-1\", month: \"M2\"");
    assert_eq!(restated("(filter: { programme: \"A\" })"), ["0.00", "5.00"]);
    fixture.post("reverse", &format!("entry: \"{released}\""));
    assert_eq!(restated(""), ["3.00", "5.00"]);
}
