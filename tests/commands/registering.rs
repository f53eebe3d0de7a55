//! Registrations: bodies, programmes and funds.

use crate::case::{Case, case, check};
use crate::words::{
    CAPITAL, CYBER, WIFI, cancel_to, close_body, close_programme, commit, open_programme, spend,
};

const DRAIN_WIFI: [&str; 2] = [
    r#"{"cut":{"line":"WIFI/RA/2017-18/revenue","amount":"1000.00","month":"M7"}}"#,
    r#"{"cut":{"line":"WIFI/RA/2017-18/capital","amount":"2000.00","month":"M7"}}"#,
];

pub(crate) fn cases() -> Vec<Case> {
    [bodies(), mergers(), programmes(), closing(), funds()].into_iter().flatten().collect()
}

fn bodies() -> Vec<Case> {
    vec![
        case("a body is registered below another, from its first day")
            .when(r#"{"registerBody":{"code":"RC","name":"Trust C","kind":"gpPractice","parent":"RA","openedOn":"2017-06-15"}}"#)
            .then("body RC open")
            .then(r#"event {"bodyRegistered":{"code":"RC","name":"Trust C","kind":"gpPractice","parent":"RA","openedOn":"2017-06-15"}}"#),
        case("an ICB stands below no trust")
            .when(r#"{"registerBody":{"code":"QX","name":"ICB","kind":"icb","parent":"RA"}}"#)
            .then("refused BODY_OUT_OF_ORDER: QX is of a kind that stands above RA: name a body above it, such as a region or the department"),
        case("an ICB merges into no trust")
            .given(r#"{"registerBody":{"code":"QX","name":"ICB","kind":"icb","parent":"XDH"}}"#)
            .when(r#"{"mergeBodies":{"from":["QX"],"into":"RA","on":"2017-12-31"}}"#)
            .then("refused BODY_OUT_OF_ORDER"),
        case("a name has no characters that nobody sees")
            .when("{\"openProgramme\":{\"code\":\"P\",\"name\":\"\\u202etxt\"}}")
            .then("refused MALFORMED: a name must be 1 to 200 characters without control or invisible formatting characters, not one with the invisible character U+202E: correct it"),
        case("a name is not blank")
            .when(r#"{"openProgramme":{"code":"P","name":"   "}}"#)
            .then("refused MALFORMED"),
        case("a body's code is taken once")
            .when(r#"{"registerBody":{"code":"RA","name":"Again","kind":"trust"}}"#)
            .then("refused CODE_TAKEN: the code RA is already used by another body: choose another code"),
        case("a body below an unknown body is refused")
            .when(r#"{"registerBody":{"code":"RC","name":"Trust C","kind":"trust","parent":"XDG"}}"#)
            .then("refused UNKNOWN_BODY: there is no body XDG (did you mean XDH?): register it first, or correct the code"),
        case("a body closes on a day")
            .when(close_body("RA", "2017-12-31"))
            .then("body RA closed 2017-12-31"),
        case("an unknown body is not closed")
            .when(close_body("ELSEWHERE", "2017-12-31"))
            .then("refused UNKNOWN_BODY: there is no body ELSEWHERE: register it first, or correct the code"),
        case("a body closes once")
            .given(close_body("RA", "2017-12-31"))
            .when(close_body("RA", "2018-01-31"))
            .then("refused BODY_CLOSED: the body RA closed on 2017-12-31: post to a body that is open in the month"),
        case("a body does not end before its first day")
            .given(r#"{"registerBody":{"code":"RC","name":"Trust C","kind":"trust","openedOn":"2017-11-01"}}"#)
            .when(close_body("RC", "2017-10-31"))
            .then("refused BODY_NOT_OPEN: the body RC opened on 2017-11-01: name a day or a month in which it exists"),
        case("a body may end on its first day")
            .given(r#"{"registerBody":{"code":"RC","name":"Trust C","kind":"trust","openedOn":"2017-11-01"}}"#)
            .when(close_body("RC", "2017-11-01"))
            .then("body RC closed 2017-11-01"),
        case("the department does not close")
            .when(close_body("XDH", "2017-12-31"))
            .then("refused DEPARTMENT_STAYS: XDH is the book's department, which holds suspense and cannot close: name another"),
        case("a body takes money in the month of its last day")
            .given(close_body("RA", "2017-10-01"))
            .when(commit(WIFI, "1.00", "PO-1"))
            .then("WIFI/RA/2017-18/revenue committed 1.00"),
        case("a body takes no money in the month after its last day")
            .given(close_body("RA", "2017-09-30"))
            .when(commit(WIFI, "1.00", "PO-1"))
            .then("refused BODY_CLOSED: the body RA closed on 2017-09-30: post to a body that is open in the month"),
        case("a body takes money in the month of its first day")
            .given(r#"{"registerBody":{"code":"RC","name":"Trust C","kind":"trust","openedOn":"2017-10-31"}}"#)
            .when(spend("WIFI/RC/2017-18/revenue", "5.00"))
            .then("warns NO_BUDGET: WIFI/RC/2017-18/revenue has spend and no budget")
            .then("WIFI/RC/2017-18/revenue actual 5.00 available -5.00"),
        case("a body takes no money in the month before its first day")
            .given(r#"{"registerBody":{"code":"RC","name":"Trust C","kind":"trust","openedOn":"2017-11-01"}}"#)
            .when(spend("WIFI/RC/2017-18/revenue", "5.00"))
            .then("refused BODY_NOT_OPEN: the body RC opened on 2017-11-01: name a day or a month in which it exists"),
    ]
}

fn mergers() -> Vec<Case> {
    let below = |code: &str, parent: &str| {
        format!(
            r#"{{"registerBody":{{"code":"{code}","name":"Trust","kind":"trust","parent":"{parent}"}}}}"#
        )
    };
    let merge = |from: &str, into: &str| {
        format!(r#"{{"mergeBodies":{{"from":[{from}],"into":"{into}","on":"2017-09-30"}}}}"#)
    };
    vec![
        case("merged bodies close and name their successor")
            .when(merge(r#""RA""#, "RB"))
            .then("body RA closed 2017-09-30 successor RB")
            .then("body RB open"),
        case("a refused posting to a merged body names the successor")
            .given(merge(r#""RA""#, "RB"))
            .when(commit(WIFI, "1.00", "PO-1"))
            .then("refused BODY_CLOSED: the body RA closed on 2017-09-30 and is succeeded by RB: post to a body that is open in the month"),
        case("the department does not merge into another body")
            .when(merge(r#""XDH""#, "RB"))
            .then("refused DEPARTMENT_STAYS"),
        case("another body merges into the department")
            .when(merge(r#""RA""#, "XDH"))
            .then("body RA closed 2017-09-30 successor XDH"),
        case("a merger without ending bodies is refused")
            .when(merge("", "RB"))
            .then("refused NO_LEGS"),
        case("a body does not merge into itself")
            .when(merge(r#""RB""#, "RB"))
            .then("refused CODE_TAKEN: the code RB is already used by another body of this merger: choose another code"),
        case("a body does not merge into a body below it")
            .given(below("RC", "RA"))
            .given(below("RD", "RC"))
            .when(merge(r#""RA""#, "RD"))
            .then("refused MERGED_INTO_PART: RD is part of RA: merge the parts into RA, or into a body beside it"),
        case("a body does not merge into a body that merged below it")
            .given(below("RC", "RA"))
            .given(merge(r#""RA""#, "RB"))
            .when(merge(r#""RB""#, "RC"))
            .then("refused MERGED_INTO_PART"),
        case("a body merges into a body above it")
            .given(below("RC", "RA"))
            .when(merge(r#""RC""#, "RA"))
            .then("body RC closed 2017-09-30 successor RA"),
        case("a body is named once in a merger")
            .when(merge(r#""RA","RA""#, "RB"))
            .then("refused CODE_TAKEN"),
        case("a merger of an unknown body is refused")
            .when(merge(r#""RC""#, "RB"))
            .then("refused UNKNOWN_BODY: there is no body RC (did you mean RA?): register it first, or correct the code"),
        case("a merger into an unknown body is refused")
            .when(merge(r#""RA""#, "R00000"))
            .then("refused UNKNOWN_BODY"),
        case("a body does not merge before its first day")
            .given(r#"{"registerBody":{"code":"RC","name":"Trust C","kind":"trust","openedOn":"2017-11-01"}}"#)
            .when(merge(r#""RC""#, "RB"))
            .then("refused BODY_NOT_OPEN"),
        case("a body merges into one that opens the day after")
            .given(r#"{"registerBody":{"code":"RC","name":"Trust C","kind":"trust","openedOn":"2017-10-01"}}"#)
            .when(merge(r#""RA""#, "RC"))
            .then("body RA closed 2017-09-30 successor RC"),
        case("a body that has closed does not merge")
            .given(close_body("RA", "2017-06-30"))
            .when(merge(r#""RA""#, "RB"))
            .then("refused BODY_CLOSED"),
        case("nothing merges into a body that has closed")
            .given(close_body("RB", "2017-06-30"))
            .when(merge(r#""RA""#, "RB"))
            .then("refused BODY_CLOSED"),
    ]
}

fn programmes() -> Vec<Case> {
    let below = |parent: &str| {
        format!(r#"{{"openProgramme":{{"code":"SITES","name":"Sites","parent":"{parent}"}}}}"#)
    };
    vec![
        case("a programme opens below another")
            .when(below("WIFI"))
            .then("programme SITES open")
            .then(r#"event {"programmeOpened":{"code":"SITES","name":"Sites","parent":"WIFI"}}"#),
        case("a programme's code is taken once")
            .when(open_programme("WIFI"))
            .then("refused CODE_TAKEN: the code WIFI is already used by another programme: choose another code"),
        case("a programme below an unknown programme is refused")
            .when(below("WIFFI"))
            .then("refused UNKNOWN_PROGRAMME: there is no programme WIFFI (did you mean WIFI?): open it first, or correct the code"),
        case("nothing opens below suspense")
            .when(below("SUSPENSE"))
            .then("refused RESERVED_PROGRAMME: SUSPENSE is reserved for the ledger's own use: use another programme"),
        case("nothing opens below a programme that is cancelled")
            .given(cancel_to("WIFI", "CYBER"))
            .when(below("WIFI"))
            .then("refused PROGRAMME_CLOSING: the programme WIFI is cancelled and accepts only spend, accruals and releases that discharge a commitment: post to another programme"),
        case("nothing opens below a programme that is closed")
            .given(open_programme("PAPER"))
            .given(close_programme("PAPER"))
            .when(below("PAPER"))
            .then("refused PROGRAMME_CLOSED: the programme PAPER is closed: post to another, or open a new one"),
        case("a programme gets another name and keeps its code")
            .when(r#"{"renameProgramme":{"code":"WIFI","name":"Wireless"}}"#)
            .then("programme WIFI open")
            .then(r#"event {"programmeRenamed":{"code":"WIFI","name":"Wireless"}}"#),
        case("an unknown programme is not renamed")
            .when(r#"{"renameProgramme":{"code":"PAPER","name":"Paperless"}}"#)
            .then("refused UNKNOWN_PROGRAMME: there is no programme PAPER: open it first, or correct the code"),
        case("exchanged budget keeps its name")
            .when(r#"{"renameProgramme":{"code":"EXCHANGE","name":"Swaps"}}"#)
            .then("refused RESERVED_PROGRAMME"),
    ]
}

fn closing() -> Vec<Case> {
    let drained = |rule| DRAIN_WIFI.into_iter().fold(case(rule), Case::given);
    vec![
        drained("a programme that holds nothing closes")
            .when(close_programme("WIFI"))
            .then("programme WIFI closed"),
        drained("a closed programme takes nothing")
            .given(close_programme("WIFI"))
            .when(commit(WIFI, "1.00", "PO-1"))
            .then("refused PROGRAMME_CLOSED"),
        drained("a programme closes once")
            .given(close_programme("WIFI"))
            .when(close_programme("WIFI"))
            .then("refused PROGRAMME_CLOSED"),
        case("a programme with budget does not close")
            .when(close_programme("CYBER"))
            .then("refused PROGRAMME_IN_USE: the programme CYBER cannot be closed: CYBER/RA/2017-18/revenue has £500.00 available; move or release it first, or cancel the programme"),
        case("a programme with open commitments does not close")
            .given(commit(CYBER, "500.00", "PO-1"))
            .when(close_programme("CYBER"))
            .then("refused PROGRAMME_IN_USE: the programme CYBER cannot be closed: CYBER/RA/2017-18/revenue has open commitments or accruals; move or release it first, or cancel the programme"),
        drained("a programme with an open programme below it does not close")
            .given(r#"{"openProgramme":{"code":"SITES","name":"Sites","parent":"WIFI"}}"#)
            .when(close_programme("WIFI"))
            .then("refused PROGRAMME_IN_USE: the programme WIFI cannot be closed: SITES below it is not closed; move or release it first, or cancel the programme"),
        case("money in a hard-closed year does not keep a programme open")
            .now("2018-05-16T09:00:00Z")
            .given(r#"{"closePeriod":{"year":"2017-18","close":"hard"}}"#)
            .when(close_programme("WIFI"))
            .then("programme WIFI closed"),
        case("a programme whose budget is wholly spent closes")
            .given(spend(CYBER, "500.00"))
            .when(close_programme("CYBER"))
            .then("programme CYBER closed"),
        case("an unknown programme is not closed")
            .when(close_programme("PAPER"))
            .then("refused UNKNOWN_PROGRAMME"),
        case("suspense is not closed")
            .when(close_programme("SUSPENSE"))
            .then("refused RESERVED_PROGRAMME"),
        case("a cancelled programme that is wound down closes")
            .given(cancel_to("WIFI", "CYBER"))
            .when(close_programme("WIFI"))
            .then("programme WIFI closed"),
        case("spend on an unknown programme suggests a similar code")
            .when(spend(&CAPITAL.replace("WIFI", "WIF"), "1.00"))
            .then("refused UNKNOWN_PROGRAMME: there is no programme WIF (did you mean WIFI?): open it first, or correct the code"),
    ]
}

fn funds() -> Vec<Case> {
    vec![
        case("a fund is established below another")
            .when(r#"{"establishFund":{"code":"G","name":"Infrastructure","parent":"F"}}"#)
            .then("G/revenue unallocated 0.00")
            .then(r#"event {"fundEstablished":{"code":"G","name":"Infrastructure","parent":"F"}}"#),
        case("a fund's code is taken once")
            .when(r#"{"establishFund":{"code":"F","name":"Again"}}"#)
            .then("refused CODE_TAKEN: the code F is already used by another fund: choose another code"),
        case("a fund below an unknown fund is refused")
            .when(r#"{"establishFund":{"code":"G","name":"Infrastructure","parent":"H"}}"#)
            .then("refused UNKNOWN_FUND: there is no fund H (did you mean F?): establish it first, or correct the code"),
    ]
}

#[test]
fn registrations_have_unique_codes_and_known_parents() {
    check(&[bodies(), mergers(), programmes(), funds()].concat());
}

#[test]
fn a_programme_closes_only_when_it_holds_nothing() {
    check(&closing());
}
