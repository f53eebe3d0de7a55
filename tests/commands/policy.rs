//! A policy's rules: classes, ring-fences, limits, and their severity.

use ledger_core::domain::policy::{Policy, Severity};

use crate::book::given;
use crate::case::{Case, case, check};
use crate::words::{
    CAPITAL, CYBER, WIFI, allocate, authorised, batch, close_hard, close_soft, commit, concerning,
    reallocate, reverse, spend,
};

const UNSPLIT: &str = "WIFI/RA/2017-18/unsplit";
const FENCED: &str = "WIFI/RA/2017-18/revenue/COVID";

/// Every rule warns.
fn lenient(policy: &mut Policy) {
    policy.capital_to_revenue.severity = Severity::Should;
    policy.ring_fence = Severity::Should;
    policy.budget_exchange.severity = Severity::Should;
    policy.availability = Severity::Should;
    policy.closed_period = Severity::Should;
}

/// Every rule refuses.
fn strict(policy: &mut Policy) {
    policy.revenue_to_capital = Severity::Shall;
}

/// £50 of flexibility in 2017-18, and none published for later years.
fn capped(policy: &mut Policy) {
    let caps = &mut policy.capital_to_revenue.caps;
    caps.clear();
    let year = ledger_tests::generate::parsed("2017-18");
    caps.insert(year, ledger_core::domain::money::Pence::new(5000));
}

/// A fund of £1bn of capital in 2019-20, and £471m of it on a line.
fn planned_for_2019(rule: &'static str, millions: u32) -> Case {
    let line = "WIFI/RA/2019-20/capital";
    case(rule)
        .given(r#"{"settleFunding":{"fund":"F","class":"capital","from":"2019-20","to":"2019-20","newMoney":"1000000000.00","reannounced":"0.00"}}"#)
        .given(allocate(line, "471000000.00"))
        .when(authorised(&reallocate(
            line,
            "WIFI/RA/2019-20/revenue",
            &format!("{millions}000000.00"),
        )))
}

pub(crate) fn cases() -> Vec<Case> {
    [classes(), caps(), fences(), severities()].concat()
}

fn classes() -> Vec<Case> {
    let to_capital = reallocate(WIFI, CAPITAL, "5.00");
    let from_unsplit = |class: &str, line: &str| {
        allocate(line, "5.00").replace(r#""fund":"F""#, &format!(r#""fund":"F","class":"{class}""#))
    };
    vec![
        case("capital does not pay for revenue without an authority")
            .when(reallocate(CAPITAL, WIFI, "5.00"))
            .then("refused CAPITAL_TO_REVENUE: £5.00 of capital would pay for revenue in 2017-18: cite the Treasury authority that allows it"),
        case("capital pays for revenue under an authority")
            .when(authorised(&reallocate(CAPITAL, WIFI, "5.00")))
            .then("WIFI/RA/2017-18/capital revised 1995.00")
            .then("WIFI/RA/2017-18/revenue revised 1005.00"),
        case("capital that becomes unsplit needs an authority too")
            .when(reallocate(CAPITAL, UNSPLIT, "5.00"))
            .then("refused CAPITAL_TO_REVENUE"),
        case("unsplit money that becomes revenue needs an authority too")
            .given(allocate(UNSPLIT, "5.00"))
            .when(reallocate(UNSPLIT, WIFI, "5.00"))
            .then("refused CAPITAL_TO_REVENUE"),
        case("unsplit money that becomes capital needs no authority")
            .given(allocate(UNSPLIT, "5.00"))
            .when(reallocate(UNSPLIT, CAPITAL, "5.00"))
            .then("WIFI/RA/2017-18/capital revised 2005.00"),
        case("a fund's capital does not pay for revenue either")
            .when(from_unsplit("capital", WIFI))
            .then("refused CAPITAL_TO_REVENUE"),
        case("a fund's unsplit money does not pay for revenue either")
            .when(from_unsplit("unsplit", WIFI))
            .then("refused CAPITAL_TO_REVENUE"),
        case("a split is a reclassification, outside the rule")
            .given(allocate(UNSPLIT, "5.00"))
            .when(r#"{"splitLine":{"line":"WIFI/RA/2017-18/unsplit","capital":"0.00","revenue":"5.00","month":"M7"},"evidence":["doc:minutes"]}"#)
            .then("WIFI/RA/2017-18/revenue revised 1005.00"),
        case("revenue that pays for capital warns")
            .when(to_capital.clone())
            .then("warns REVENUE_TO_CAPITAL: £5.00 of revenue pays for capital in 2017-18")
            .then("WIFI/RA/2017-18/capital revised 2005.00"),
        case("revenue that pays for capital is refused where the policy says so")
            .policy(strict)
            .when(to_capital)
            .then("refused REVENUE_TO_CAPITAL"),
        case("opposite crossings in one movement are netted")
            .when(r#"{"reallocate":{"month":"M7","from":[{"line":"WIFI/RA/2017-18/capital","amount":"9.00"},{"line":"WIFI/RA/2017-18/revenue","amount":"9.00"}],"to":[{"line":"CYBER/RA/2017-18/capital","amount":"9.00"},{"line":"CYBER/RA/2017-18/revenue","amount":"9.00"}]}}"#)
            .then("CYBER/RA/2017-18/capital revised 9.00"),
    ]
}

fn caps() -> Vec<Case> {
    let switch = |amount: &str| authorised(&reallocate(CAPITAL, WIFI, amount));
    let capped = |rule| case(rule).policy(capped);
    vec![
        planned_for_2019("the £471m planned for 2019-20 is £221m over its flexibility", 471)
            .then("refused CAPITAL_TO_REVENUE_CAP: £471,000,000.00 of capital would pay for revenue in 2019-20. The year's cap has been £250,000,000.00 since the book was opened, and £0.00 of it is used: move no more than is left of the cap"),
        planned_for_2019("the £250m published for 2019-20 passes, exactly", 250)
            .then("WIFI/RA/2019-20/capital revised 221000000.00"),
        capped("uses of the cap add up over the year")
            .given(switch("30.00"))
            .when(switch("20.01"))
            .then("refused CAPITAL_TO_REVENUE_CAP: £20.01 of capital would pay for revenue in 2017-18. The year's cap has been £50.00 since the book was opened, and £30.00 of it is used: move no more than is left of the cap"),
        capped("each year has its own cap")
            .given(switch("30.00"))
            .given(allocate("WIFI/RA/2018-19/capital", "90.00"))
            .when(authorised(&reallocate("WIFI/RA/2018-19/capital", "WIFI/RA/2018-19/revenue", "50.00")))
            .then("WIFI/RA/2018-19/revenue revised 50.00"),
        capped("a year without a cap has the last one's")
            .given(allocate("WIFI/RA/2019-20/capital", "90.00"))
            .when(authorised(&reallocate("WIFI/RA/2019-20/capital", "WIFI/RA/2019-20/revenue", "50.01")))
            .then("refused CAPITAL_TO_REVENUE_CAP"),
        capped("a year before the first cap has none")
            .given(allocate("WIFI/RA/2016-17/capital", "90.00"))
            .when(authorised(&reallocate("WIFI/RA/2016-17/capital", "WIFI/RA/2016-17/revenue", "90.00")))
            .then("warns CAPITAL_TO_REVENUE_UNCAPPED: £90.00 of capital pays for revenue in 2016-17, a year with no published cap"),
        capped("a reversal returns the used part of the cap")
            .given(switch("30.00"))
            .given(reverse(given(1)))
            .when(switch("50.00"))
            .then("WIFI/RA/2017-18/capital revised 1950.00"),
        capped("a reversal returns only what it reverses")
            .given(switch("30.00"))
            .given(switch("20.00"))
            .given(reverse(given(1)))
            .when(switch("30.01"))
            .then("refused CAPITAL_TO_REVENUE_CAP"),
        capped("a reversed late switch returns its part to the year it was posted in")
            .given(close_hard("2016-17"))
            .given(authorised(&concerning(&reallocate(CAPITAL, WIFI, "30.00"), "2016-17")))
            .given(reverse(given(2)))
            .when(switch("50.00"))
            .then("WIFI/RA/2017-18/capital revised 1950.00"),
        capped("each movement of a batch uses the cap")
            .when(authorised(&batch(&[reallocate(CAPITAL, WIFI, "30.00"), reallocate(CAPITAL, WIFI, "20.01")])))
            .then("refused CAPITAL_TO_REVENUE_CAP: command 2 of the batch: £20.01 of capital would pay for revenue in 2017-18. The year's cap has been £50.00 since the book was opened, and £30.00 of it is used: move no more than is left of the cap"),
        capped("a movement after a reversal in one batch uses the cap")
            .given(spend(WIFI, "1.00"))
            .given(authorised(&batch(&[reverse(given(1)), reallocate(CAPITAL, WIFI, "50.00")])))
            .when(switch("0.01"))
            .then("refused CAPITAL_TO_REVENUE_CAP"),
        capped("a movement before a reversal in one batch uses the cap")
            .given(switch("30.00"))
            .given(authorised(&batch(&[reallocate(CAPITAL, WIFI, "20.00"), reverse(given(1))])))
            .when(switch("30.01"))
            .then("refused CAPITAL_TO_REVENUE_CAP"),
    ]
}

fn fences() -> Vec<Case> {
    let other = "CYBER/RA/2017-18/revenue/COVID";
    let fenced = |rule| case(rule).given(allocate(FENCED, "60.00"));
    vec![
        fenced("money does not leave a ring-fence without an authority")
            .when(reallocate(FENCED, CYBER, "5.00"))
            .then("refused RING_FENCE: £5.00 would leave the ring-fence COVID: cite the authority that allows it"),
        fenced("money does not move between ring-fences without an authority")
            .when(reallocate(FENCED, "CYBER/RA/2017-18/revenue/EPR", "5.00"))
            .then("refused RING_FENCE"),
        fenced("money leaves a ring-fence under an authority")
            .when(authorised(&reallocate(FENCED, CYBER, "5.00")))
            .then("WIFI/RA/2017-18/revenue/COVID revised 55.00"),
        fenced("a cut out of a ring-fence needs an authority")
            .when(r#"{"cut":{"line":"WIFI/RA/2017-18/revenue/COVID","amount":"5.00","month":"M7"}}"#)
            .then("refused RING_FENCE"),
        fenced("money moves within a ring-fence")
            .when(reallocate(FENCED, other, "5.00"))
            .then("CYBER/RA/2017-18/revenue/COVID revised 5.00"),
        fenced("money moves into a ring-fence without an authority")
            .when(reallocate(WIFI, FENCED, "5.00"))
            .then("WIFI/RA/2017-18/revenue/COVID revised 65.00"),
        fenced("an exchange keeps money in its ring-fence")
            .when(r#"{"exchangeBudget":{"line":"WIFI/RA/2017-18/revenue/COVID","amount":"0.45","month":"M7"}}"#)
            .then("EXCHANGE/XDH/2018-19/revenue/COVID revised 0.45"),
        fenced("a split keeps money in its ring-fence")
            .given(allocate("WIFI/RA/2017-18/unsplit/COVID", "9.00"))
            .when(r#"{"splitLine":{"line":"WIFI/RA/2017-18/unsplit/COVID","capital":"9.00","revenue":"0.00","month":"M7"},"evidence":["doc:minutes"]}"#)
            .then("WIFI/RA/2017-18/capital/COVID revised 9.00"),
    ]
}

/// Rules that the policy holds as *should*: a breach posts with a warning.
fn severities() -> Vec<Case> {
    let lenient = |rule| case(rule).policy(lenient);
    vec![
        lenient("capital that pays for revenue may warn")
            .when(reallocate(CAPITAL, WIFI, "5.00"))
            .then("warns CAPITAL_TO_REVENUE")
            .then("WIFI/RA/2017-18/revenue revised 1005.00"),
        planned_for_2019("capital beyond the cap may warn", 471)
            .policy(self::lenient)
            .then("warns CAPITAL_TO_REVENUE_CAP")
            .then("WIFI/RA/2019-20/capital revised 0.00"),
        lenient("money that leaves a ring-fence may warn")
            .given(allocate(FENCED, "60.00"))
            .when(reallocate(FENCED, CYBER, "5.00"))
            .then("warns RING_FENCE")
            .then("CYBER/RA/2017-18/revenue revised 505.00"),
        lenient("an exchange beyond its share may warn")
            .when(r#"{"exchangeBudget":{"line":"WIFI/RA/2017-18/revenue","amount":"11.26","month":"M7"}}"#)
            .then("warns BUDGET_EXCHANGE")
            .then("EXCHANGE/XDH/2018-19/revenue revised 11.26"),
        lenient("a movement beyond what is available may warn")
            .given(commit(WIFI, "10.00", "PO-1"))
            .when(reallocate(WIFI, CYBER, "990.01"))
            .then("warns BEYOND_AVAILABLE: £990.01 cannot leave WIFI/RA/2017-18/revenue, which has £990.00 available: move no more than that")
            .then("WIFI/RA/2017-18/revenue available -0.01"),
        lenient("a movement beyond the revised budget may warn")
            .given(spend(WIFI, "-10.00"))
            .when(reallocate(WIFI, CYBER, "1000.01"))
            .then("warns BEYOND_REVISED")
            .then("WIFI/RA/2017-18/revenue revised -0.01 available 9.99"),
        lenient("a posting into a softly closed month may warn")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M7"))
            .when(spend(WIFI, "5.00"))
            .then("warns CLOSED_PERIOD")
            .then("WIFI/RA/2017-18/revenue actual 5.00"),
        lenient("a hard-closed year refuses postings under every policy")
            .now("2018-05-16T09:00:00Z")
            .given(close_hard("2017-18"))
            .when(spend(WIFI, "5.00"))
            .then("refused HARD_CLOSED"),
        lenient("a movement that breaks several rules keeps a warning for each")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M7"))
            .when(reallocate(CAPITAL, WIFI, "2000.01"))
            .then("warns CLOSED_PERIOD")
            .then("warns CAPITAL_TO_REVENUE")
            .then("warns BEYOND_AVAILABLE"),
    ]
}

#[test]
fn capital_pays_for_revenue_only_under_an_authority() {
    check(&classes());
}

#[test]
fn an_authority_covers_no_more_than_the_years_flexibility() {
    check(&caps());
}

#[test]
fn money_leaves_a_ring_fence_only_under_an_authority() {
    check(&fences());
}

#[test]
fn a_rule_held_as_should_warns_and_one_held_as_shall_blocks() {
    check(&severities());
}
