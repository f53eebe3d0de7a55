//! Forecasts, explanations of underspends, profiles and baselines.

use crate::book::given;
use crate::case::{Case, case, check};
use crate::proposals::sign;
use crate::systems::{SYSTEM, compensated};
use crate::words::{
    CYBER, WIFI, accrue, allocate, batch, close_hard, close_soft, commit, forecast, reallocate,
    reverse, spend,
};

fn forecast_in(month: &str, series: &str, amount: &str) -> String {
    forecast(WIFI, amount).replace("reported", series).replace(r#""M7""#, &format!(r#""{month}""#))
}

fn phased(amount: &str, months: &[&str]) -> String {
    let months: Vec<String> = months.iter().map(|month| format!(r#""{month}""#)).collect();
    let inner = forecast(WIFI, amount);
    let inner = inner.strip_suffix("}}").expect("a command");
    format!(r#"{inner},"phasing":[{}]}}}}"#, months.join(","))
}

fn explain(line: &str, cause: &str, amount: &str) -> String {
    format!(r#"{{"explainUnderspend":{{"line":"{line}","cause":"{cause}","amount":"{amount}"}}}}"#)
}

fn profile(line: &str) -> String {
    format!(r#"{{"setProfile":{{"line":"{line}","profile":[2,1,1,1,1,1,1,1,1,1,1,0]}}}}"#)
}

fn strike(year: &str, name: &str) -> String {
    format!(r#"{{"strikeBaseline":{{"year":"{year}","name":"{name}"}}}}"#)
}

pub(crate) fn cases() -> Vec<Case> {
    [forecasts(), withdrawals(), underspends(), profiles(), baselines(), struck_by_mistake()]
        .concat()
}

fn forecasts() -> Vec<Case> {
    let equal = ["10.00"; 12];
    vec![
        case("a reported forecast is a level of the full year")
            .when(forecast(WIFI, "1250.00"))
            .then("WIFI/RA/2017-18/revenue forecast 1250.00 internal none revised 1000.00")
            .then("CYBER/RA/2017-18/revenue forecast none"),
        case("an internal forecast is kept apart")
            .given(forecast(WIFI, "900.00"))
            .when(forecast_in("M7", "internal", "1100.00"))
            .then("WIFI/RA/2017-18/revenue forecast 900.00 internal 1100.00"),
        case("a forecast of 0.00 is a forecast")
            .when(forecast(WIFI, "0.00"))
            .then("WIFI/RA/2017-18/revenue forecast 0.00"),
        case("the latest month's forecast counts, whenever it is posted")
            .given(forecast_in("M7", "reported", "900.00"))
            .when(forecast_in("M6", "reported", "800.00"))
            .then("warns FORECAST_NOT_LATEST: WIFI/RA/2017-18/revenue has a forecast stated in M7, which stands: this one, of M6, does not replace it")
            .then("WIFI/RA/2017-18/revenue forecast 900.00"),
        case("an internal forecast of an earlier month warns alike")
            .given(forecast_in("M7", "internal", "900.00"))
            .when(forecast_in("M6", "internal", "800.00"))
            .then("warns FORECAST_NOT_LATEST")
            .then("WIFI/RA/2017-18/revenue internal 900.00"),
        case("the series warn apart")
            .given(forecast_in("M7", "internal", "900.00"))
            .when(forecast_in("M6", "reported", "800.00"))
            .then("WIFI/RA/2017-18/revenue forecast 800.00 internal 900.00"),
        case("in one month the forecast posted last counts")
            .given(forecast_in("M7", "reported", "900.00"))
            .when(forecast_in("M7", "reported", "800.00"))
            .then("WIFI/RA/2017-18/revenue forecast 800.00"),
        case("a phasing sums to its forecast")
            .when(phased("120.00", &equal))
            .then("WIFI/RA/2017-18/revenue forecast 120.00"),
        case("a phasing that sums to something else is refused")
            .when(phased("120.01", &equal))
            .then("refused PHASING_DIFFERS: the months sum to £120.00 and the forecast is £120.01: give twelve months that sum to the forecast"),
        case("a phasing has twelve months")
            .when(phased("110.00", &equal[1..]))
            .then("refused PHASING_DIFFERS: the months sum to £110.00 and the forecast is £110.00: give twelve months that sum to the forecast"),
        case("a forecast of an unopened line is refused")
            .when(forecast("WIFI/RB/2017-18/revenue", "1.00"))
            .then("refused UNKNOWN_LINE"),
        case("M13 takes no forecast")
            .when(forecast_in("M13", "reported", "1.00"))
            .then("refused OUTTURN_PERIOD"),
        case("a closed month takes no forecast")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M7"))
            .when(forecast(WIFI, "1.00"))
            .then("refused CLOSED_PERIOD"),
        case("a forecast of ten times the revised budget passes")
            .when(forecast(WIFI, "10000.00"))
            .then("WIFI/RA/2017-18/revenue forecast 10000.00"),
        case("a forecast over ten times the revised budget warns")
            .when(forecast(WIFI, "10000.01"))
            .then("warns FORECAST_FAR_ABOVE: WIFI/RA/2017-18/revenue is forecast at £10,000.01, over ten times its revised budget of £1,000.00: check the amount"),
        case("a forecast in a month that has not begun warns")
            .when(forecast_in("M12", "internal", "1.00"))
            .then("warns FUTURE_MONTH"),
        case("a forecast may be as large as the largest amount")
            .when(forecast(WIFI, "9999999999999.99"))
            .then("warns FORECAST_FAR_ABOVE")
            .then("WIFI/RA/2017-18/revenue forecast 9999999999999.99"),
    ]
}

fn withdraw(entry: u64) -> String {
    format!(r#"{{"withdrawForecast":{{"entry":{entry}}}}}"#)
}

fn withdrawals() -> Vec<Case> {
    let m6 = || forecast_in("M6", "reported", "800.00");
    let slip = || forecast_in("M12", "reported", "7.00");
    vec![
        case("of a withdrawn forecast the latest earlier one stands")
            .given(m6())
            .given(slip())
            .when(withdraw(given(2)))
            .then("WIFI/RA/2017-18/revenue forecast 800.00")
            .then(r#"event {"forecastWithdrawn":{"entry":12,"line":"WIFI/RA/2017-18/revenue","month":"M12","series":"reported"}}"#),
        case("without another forecast there is none")
            .given(slip())
            .when(withdraw(given(1)))
            .then("WIFI/RA/2017-18/revenue forecast none"),
        case("of one month the forecast posted before stands again")
            .given(forecast_in("M7", "reported", "900.00"))
            .given(forecast_in("M7", "reported", "950.00"))
            .when(withdraw(given(2)))
            .then("WIFI/RA/2017-18/revenue forecast 900.00")
            .then(r#"event {"forecastWithdrawn":{"entry":12,"line":"WIFI/RA/2017-18/revenue","month":"M7","series":"reported","stands":90000}}"#),
        case("a forecast that was replaced is withdrawn without effect")
            .given(forecast_in("M7", "reported", "900.00"))
            .given(forecast_in("M7", "reported", "950.00"))
            .when(withdraw(given(1)))
            .then("WIFI/RA/2017-18/revenue forecast 950.00"),
        case("an internal forecast is withdrawn apart")
            .given(m6())
            .given(forecast_in("M7", "internal", "900.00"))
            .when(withdraw(given(2)))
            .then("WIFI/RA/2017-18/revenue forecast 800.00 internal none"),
        case("a forecast is stated again after it was withdrawn")
            .given(slip())
            .given(withdraw(given(1)))
            .when(m6())
            .then("WIFI/RA/2017-18/revenue forecast 800.00"),
        case("every forecast of an entry is withdrawn")
            .given(batch(&[m6(), forecast(CYBER, "500.00")]))
            .when(withdraw(given(1)))
            .then("WIFI/RA/2017-18/revenue forecast none")
            .then("CYBER/RA/2017-18/revenue forecast none"),
        case("the forecast of one line of an entry is withdrawn")
            .given(batch(&[m6(), forecast(CYBER, "500.00")]))
            .when(withdraw(given(1)).replace("}}", r#","line":"CYBER/RA/2017-18/revenue"}}"#))
            .then("WIFI/RA/2017-18/revenue forecast 800.00")
            .then("CYBER/RA/2017-18/revenue forecast none"),
        case("a forecast is withdrawn once")
            .given(slip())
            .given(withdraw(given(1)))
            .when(withdraw(given(1)))
            .then("refused NO_FORECAST: entry 11 states no forecast that stands: it never did, or the forecast was withdrawn already; name the entry that states it"),
        case("an entry without a forecast has none to withdraw")
            .given(spend(WIFI, "5.00"))
            .when(withdraw(given(1)))
            .then("refused NO_FORECAST"),
        case("a forecast of an unknown entry is not withdrawn")
            .when(withdraw(99))
            .then("refused UNKNOWN_ENTRY: there is no entry 99: correct the number"),
        case("a forecast of a closed month is not withdrawn")
            .given(m6())
            .given(close_soft("2017-18", "M6"))
            .when(withdraw(given(1)))
            .then("refused CLOSED_PERIOD"),
        case("a withdrawal is not reversed")
            .given(slip())
            .given(withdraw(given(1)))
            .when(reverse(given(2)))
            .then("refused NOT_REVERSIBLE: entry 12 withdrew a forecast, which cannot be reversed: state it again"),
        case("an underspend is against the forecast that stands")
            .given(m6())
            .given(slip())
            .given(withdraw(given(2)))
            .when(explain(WIFI, "slippage", "200.01"))
            .then("refused BEYOND_UNDERSPEND: WIFI/RA/2017-18/revenue is underspent by £200.00, and £0.00 of it is already explained: explain no more than is left"),
        compensated("a withdrawn deterioration still counts for the rest of the window")
            .given(withdraw(given(SYSTEM + 1)))
            .when(spend(WIFI, "1.00"))
            .then("regime 2017-18 QX providerDeteriorated"),
    ]
}

fn underspends() -> Vec<Case> {
    vec![
        case("an underspend against the forecast is explained to the penny")
            .given(forecast(WIFI, "900.00"))
            .given(explain(WIFI, "slippage", "60.00"))
            .when(explain(WIFI, "diversion", "40.00"))
            .then(r#"event {"underspendExplained":{"line":"WIFI/RA/2017-18/revenue","cause":"diversion","pence":4000}}"#),
        case("explanations sum to at most the underspend")
            .given(forecast(WIFI, "900.00"))
            .given(explain(WIFI, "slippage", "60.00"))
            .when(explain(WIFI, "saving", "40.01"))
            .then("refused BEYOND_UNDERSPEND: WIFI/RA/2017-18/revenue is underspent by £100.00, and £60.00 of it is already explained: explain no more than is left"),
        case("an underspend is against the forecast of the latest month, whenever it is posted")
            .given(forecast_in("M7", "reported", "900.00"))
            .given(forecast_in("M6", "reported", "800.00"))
            .when(explain(WIFI, "slippage", "100.01"))
            .then("refused BEYOND_UNDERSPEND"),
        case("an internal forecast makes no underspend")
            .given(forecast(WIFI, "900.00"))
            .given(forecast_in("M7", "internal", "800.00"))
            .when(explain(WIFI, "slippage", "100.01"))
            .then("refused BEYOND_UNDERSPEND"),
        case("a reversed explanation can be given again")
            .given(forecast(WIFI, "900.00"))
            .given(explain(WIFI, "slippage", "100.00"))
            .given(reverse(given(2)))
            .when(explain(WIFI, "clawback", "100.00"))
            .then(r#"event {"underspendExplained":{"line":"WIFI/RA/2017-18/revenue","cause":"clawback","pence":10000}}"#),
        case("once the year is closed the underspend is against the outturn")
            .now("2018-05-16T09:00:00Z")
            .given(forecast(WIFI, "900.00"))
            .given(spend(WIFI, "995.00"))
            .given(close_hard("2017-18"))
            .when(explain(WIFI, "unknown", "5.01"))
            .then("refused BEYOND_UNDERSPEND"),
        case("without a forecast the underspend is against spend, without commitments")
            .given(spend(WIFI, "400.00"))
            .given(accrue(WIFI, "100.00", "AC-1"))
            .given(commit(WIFI, "100.00", "PO-1"))
            .when(explain(WIFI, "saving", "600.00"))
            .then(r#"event {"underspendExplained":{"line":"WIFI/RA/2017-18/revenue","cause":"saving","pence":60000}}"#),
        case("an overspent line has no underspend to explain")
            .given(forecast(WIFI, "1100.00"))
            .when(explain(WIFI, "saving", "0.01"))
            .then("refused BEYOND_UNDERSPEND: WIFI/RA/2017-18/revenue is underspent by £0.00, and £0.00 of it is already explained: explain no more than is left"),
        case("an explanation of nothing is refused")
            .when(explain(WIFI, "saving", "0.00"))
            .then("refused NOT_POSITIVE"),
        case("an explanation of an unopened line is refused")
            .when(explain("WIFI/RB/2017-18/revenue", "saving", "1.00"))
            .then("refused UNKNOWN_LINE"),
    ]
}

fn profiles() -> Vec<Case> {
    vec![
        case("a line's plan is spread evenly, odd pence first")
            .when(commit(CYBER, "1.00", "PO-1"))
            .then("WIFI/RA/2017-18/revenue planned-to-M1 83.34"),
        case("a profile spreads the plan by its weights")
            .when(profile(WIFI))
            .then("WIFI/RA/2017-18/revenue revised 1000.00 planned-to-M1 166.67")
            .then(r#"event {"profileSet":{"line":"WIFI/RA/2017-18/revenue","profile":[2,1,1,1,1,1,1,1,1,1,1,0]}}"#),
        case("a profile of an unopened line is refused")
            .when(profile("WIFI/RB/2017-18/revenue"))
            .then("refused UNKNOWN_LINE"),
        case("a hard-closed year takes no new profile")
            .now("2018-05-16T09:00:00Z")
            .given(close_hard("2017-18"))
            .when(profile(WIFI))
            .then("refused HARD_CLOSED"),
    ]
}

fn baselines() -> Vec<Case> {
    vec![
        case("a line has no original before it is struck")
            .when(allocate(WIFI, "1.00"))
            .then("WIFI/RA/2017-18/revenue original none"),
        case("striking the original copies what is revised")
            .when(strike("2017-18", "original"))
            .then("WIFI/RA/2017-18/revenue original 1000.00")
            .then("CYBER/RA/2017-18/revenue original 500.00"),
        case("a later movement leaves the original unchanged")
            .given(strike("2017-18", "original"))
            .when(reallocate(WIFI, CYBER, "100.00"))
            .then("WIFI/RA/2017-18/revenue original 1000.00 revised 900.00")
            .then("CYBER/RA/2017-18/revenue original 500.00 revised 600.00"),
        case("a line opened later has an original of 0.00")
            .given(strike("2017-18", "original"))
            .when(allocate("WIFI/RB/2017-18/revenue", "5.00"))
            .then("WIFI/RB/2017-18/revenue original 0.00 revised 5.00"),
        case("a year can have a second baseline")
            .given(strike("2017-18", "original"))
            .given(reallocate(WIFI, CYBER, "100.00"))
            .when(strike("2017-18", "supplementary"))
            .then("WIFI/RA/2017-18/revenue original 1000.00"),
        case("a baseline is not overwritten")
            .given(strike("2017-18", "original"))
            .when(strike("2017-18", "original"))
            .then("refused BASELINE_TAKEN: 2017-18 already has a baseline original, which is never overwritten: use another name"),
        case("two years may use the same baseline name")
            .given(strike("2017-18", "original"))
            .given(allocate("WIFI/RA/2018-19/revenue", "5.00"))
            .when(strike("2018-19", "original"))
            .then(r#"event {"baselineStruck":{"year":"2018-19","name":"original"}}"#),
        case("a hard-closed year takes no baseline")
            .now("2018-05-16T09:00:00Z")
            .given(close_hard("2017-18"))
            .when(strike("2017-18", "late"))
            .then("refused HARD_CLOSED"),
    ]
}

fn unstrike(year: &str, name: &str) -> String {
    format!(r#"{{"withdrawBaseline":{{"year":"{year}","name":"{name}"}}}}"#)
}

fn struck_by_mistake() -> Vec<Case> {
    let signed = || format!("dee department:XDH {}", sign(given(2), 1));
    vec![
        case("an original baseline needs a line with budget")
            .given(allocate("WIFI/RA/2018-19/revenue", "0.00"))
            .when(strike("2018-19", "original"))
            .then("refused NOTHING_TO_STRIKE: no line of 2018-19 has budget yet: allocate budget, then strike the baseline original"),
        case("another baseline may be without budget")
            .when(strike("2018-19", "outline"))
            .then(r#"event {"baselineStruck":{"year":"2018-19","name":"outline"}}"#),
        case("a baseline is withdrawn only with the department's signature")
            .given(strike("2017-18", "original"))
            .when(unstrike("2017-18", "original"))
            .then("waits for department XDH")
            .then("WIFI/RA/2017-18/revenue original 1000.00"),
        case("in a book of one person a baseline is withdrawn alone")
            .policy(|policy| policy.sign_off.chains.policy.clear())
            .given(strike("2017-18", "original"))
            .when(unstrike("2017-18", "original"))
            .then("WIFI/RA/2017-18/revenue original none"),
        case("nobody signs their own withdrawal of a baseline")
            .given(strike("2017-18", "original"))
            .given(format!("dee department:XDH {}", unstrike("2017-18", "original")))
            .when(signed())
            .then("refused OWN_WORK"),
        case("a withdrawn baseline is gone")
            .given(strike("2017-18", "original"))
            .given(unstrike("2017-18", "original"))
            .when(signed())
            .then(r#"event {"baselineWithdrawn":{"year":"2017-18","name":"original"}}"#)
            .then("WIFI/RA/2017-18/revenue original none"),
        case("a withdrawn baseline's name is free again")
            .given(strike("2017-18", "original"))
            .given(unstrike("2017-18", "original"))
            .given(signed())
            .given(allocate(WIFI, "5.00"))
            .when(strike("2017-18", "original"))
            .then("WIFI/RA/2017-18/revenue original 1005.00"),
        case("a baseline that was not struck is not withdrawn")
            .when(unstrike("2017-18", "original"))
            .then("refused UNKNOWN_BASELINE: 2017-18 has no baseline original: correct the year or the name"),
        case("a hard-closed year keeps its baselines")
            .now("2018-05-01T09:00:00Z")
            .given(strike("2017-18", "original"))
            .given(close_hard("2017-18"))
            .when(unstrike("2017-18", "original"))
            .then("refused HARD_CLOSED"),
    ]
}

#[test]
fn a_withdrawn_forecast_leaves_the_one_before() {
    check(&withdrawals());
}

#[test]
fn a_baseline_struck_by_mistake_is_withdrawn_with_a_signature() {
    check(&struck_by_mistake());
}

#[test]
fn the_forecast_of_the_latest_month_counts() {
    check(&forecasts());
}

#[test]
fn an_underspend_is_explained_to_the_penny() {
    check(&underspends());
}

#[test]
fn a_profile_spreads_the_plan() {
    check(&profiles());
}

#[test]
fn a_baseline_copies_revised_budgets_and_is_never_overwritten() {
    check(&baselines());
}
