//! Scopes, and the figures published about them.

use crate::case::{Case, case, check};

const SCOPE: &str =
    r#"{"defineScope":{"code":"BOTH","name":"Both","programmes":["WIFI","CYBER"]}}"#;
const UNDER: &str = r#"{"publishFigure":{"code":"UNDER","title":"Underspend","scope":"BOTH","year":"2017-18","measure":"underspend","figure":{"exact":"131.20"},"source":"HSJ","publishedOn":"2017-10-01"}}"#;

/// A published figure with these other members.
fn published(code: &str, members: &str) -> String {
    format!(
        r#"{{"publishFigure":{{"code":"{code}","title":"A figure",{members},"source":"minutes","publishedOn":"2017-10-01"}}}}"#
    )
}

pub(crate) fn cases() -> Vec<Case> {
    [scopes(), figures(), superseding(), staying()].concat()
}

fn scopes() -> Vec<Case> {
    vec![
        case("a scope is a total by name, of programmes, bodies and classes")
            .when(r#"{"defineScope":{"code":"PART","name":"A part","programmes":["WIFI"],"bodies":["RA"],"classes":["capital"]}}"#)
            .then(r#"event {"scopeDefined":{"code":"PART","name":"A part","programmes":["WIFI"],"bodies":["RA"],"classes":["capital"]}}"#),
        case("a scope without filters covers everything")
            .when(r#"{"defineScope":{"code":"ALL","name":"Everything"}}"#)
            .then(r#"event {"scopeDefined":{"code":"ALL","name":"Everything"}}"#),
        case("a scope is defined once")
            .given(SCOPE)
            .when(r#"{"defineScope":{"code":"BOTH","name":"Other","programmes":["WIFI"]}}"#)
            .then("refused CODE_TAKEN: the code BOTH is already used by another scope: choose another code"),
        case("a scope of an unknown programme is refused")
            .when(r#"{"defineScope":{"code":"PART","name":"A part","programmes":["WIFY"]}}"#)
            .then("refused UNKNOWN_PROGRAMME: there is no programme WIFY (did you mean WIFI?): open it first, or correct the code"),
        case("a scope of an unknown body is refused")
            .when(r#"{"defineScope":{"code":"PART","name":"A part","bodies":["ELSEWHERE"]}}"#)
            .then("refused UNKNOWN_BODY: there is no body ELSEWHERE: register it first, or correct the code"),
    ]
}

fn figures() -> Vec<Case> {
    vec![
        case("a published figure is stored in pence and moves no money")
            .given(SCOPE)
            .when(UNDER)
            .then(r#"event {"figurePublished":{"code":"UNDER","title":"Underspend","scope":"BOTH","year":"2017-18","measure":"underspend","figure":{"exact":13120},"source":"HSJ","publishedOn":"2017-10-01"}}"#)
            .then("WIFI/RA/2017-18/revenue revised 1000.00 actual 0.00"),
        case("an unquantified figure keeps its words and has no amount")
            .when(published("WORDS", r#""figure":{"unquantified":"substantial"},"bearer":"local""#))
            .then(r#"event {"figurePublished":{"code":"WORDS","title":"A figure","figure":{"unquantified":"substantial"},"source":"minutes","publishedOn":"2017-10-01","bearer":"local"}}"#),
        case("a range keeps both amounts")
            .when(published("RANGE", r#""figure":{"range":{"low":"1.00","high":"1.00"}}"#))
            .then(r#"event {"figurePublished":{"code":"RANGE","title":"A figure","figure":{"range":{"low":100,"high":100}},"source":"minutes","publishedOn":"2017-10-01"}}"#),
        case("a figure of a fund needs no year")
            .when(published("NEW", r#""fund":"F","measure":"newMoney","figure":{"about":"3.00"}"#))
            .then(r#"event {"figurePublished":{"code":"NEW","title":"A figure","fund":"F","measure":"newMoney","figure":{"about":300},"source":"minutes","publishedOn":"2017-10-01"}}"#),
        case("contradictory figures are both kept")
            .given(SCOPE)
            .given(UNDER)
            .when(published("RIVAL", r#""scope":"BOTH","year":"2017-18","measure":"underspend","figure":{"atLeast":"30.00"}"#))
            .then(r#"event {"figurePublished":{"code":"RIVAL","title":"A figure","scope":"BOTH","year":"2017-18","measure":"underspend","figure":{"atLeast":3000},"source":"minutes","publishedOn":"2017-10-01"}}"#),
        case("a published figure's code is taken once")
            .given(SCOPE)
            .given(UNDER)
            .when(published("UNDER", r#""figure":{"exact":"1.00"}"#))
            .then("refused CODE_TAKEN: the code UNDER is already used by another published figure: choose another code"),
        case("a figure about an unknown scope is refused")
            .given(SCOPE)
            .when(published("NEW", r#""scope":"BOTHS","figure":{"exact":"1.00"}"#))
            .then("refused UNKNOWN_SCOPE: there is no scope BOTHS (did you mean BOTH?): define it first, or correct the code"),
        case("a figure about an unknown fund is refused")
            .when(published("NEW", r#""fund":"H","figure":{"exact":"1.00"}"#))
            .then("refused UNKNOWN_FUND: there is no fund H (did you mean F?): establish it first, or correct the code"),
        case("a figure of lines needs a scope and a year")
            .given(SCOPE)
            .when(published("NEW", r#""scope":"BOTH","measure":"actual","figure":{"exact":"1.00"}"#))
            .then("refused MEASURE_UNFIT: actual is measured of a scope in a year: name only that, or leave the measure out"),
        case("a figure of a fund needs a fund")
            .given(SCOPE)
            .when(published("NEW", r#""scope":"BOTH","year":"2017-18","measure":"settled","figure":{"exact":"1.00"}"#))
            .then("refused MEASURE_UNFIT: settled is measured of a fund: name only that, or leave the measure out"),
        case("a range whose first amount is larger is refused")
            .when(published("RANGE", r#""figure":{"range":{"low":"2.00","high":"1.99"}}"#))
            .then("refused FIGURE_REVERSED: the lowest amount £2.00 is more than the highest, £1.99: put the lower amount first"),
        case("a figure may be as large as a line can hold")
            .when(published("MOST", r#""figure":{"about":"9000000000000.00"}"#))
            .then(r#"event {"figurePublished":{"code":"MOST","title":"A figure","figure":{"about":900000000000000},"source":"minutes","publishedOn":"2017-10-01"}}"#),
    ]
}

fn superseding() -> Vec<Case> {
    let later = |code, earlier| {
        let members = format!(r#""figure":{{"exact":"2.00"}},"supersedes":"{earlier}""#);
        published(code, &members)
    };
    vec![
        case("a later figure supersedes an earlier one, which stays visible")
            .given(SCOPE)
            .given(UNDER)
            .when(later("LATER", "UNDER"))
            .then(r#"event {"figurePublished":{"code":"LATER","title":"A figure","figure":{"exact":200},"source":"minutes","publishedOn":"2017-10-01","supersedes":"UNDER"}}"#),
        case("a figure is superseded once")
            .given(SCOPE)
            .given(UNDER)
            .given(later("LATER", "UNDER"))
            .when(later("LAST", "UNDER"))
            .then("refused SUPERSEDED_ALREADY: UNDER has already been superseded by LATER: supersede LATER, or publish this figure beside both"),
        case("superseding an unknown figure is refused")
            .given(SCOPE)
            .given(UNDER)
            .when(later("LATER", "UNDR"))
            .then("refused UNKNOWN_PUBLISHED_FIGURE: there is no published figure UNDR (did you mean UNDER?): publish it first, or correct the code"),
    ]
}

fn staying() -> Vec<Case> {
    vec![
        case("a scope is not reversed")
            .given(SCOPE)
            .when(r#"{"reverse":{"entry":11}}"#)
            .then("refused NOT_REVERSIBLE: entry 11 defined a scope, which cannot be reversed: define another"),
        case("a published figure is not reversed")
            .given(SCOPE)
            .given(UNDER)
            .when(r#"{"reverse":{"entry":12}}"#)
            .then("refused NOT_REVERSIBLE: entry 12 recorded a published figure, which cannot be reversed: publish one that supersedes it"),
    ]
}

#[test]
fn scopes_have_unique_codes_and_known_members() {
    check(&scopes());
}

#[test]
fn published_figures_are_stored_as_stated() {
    check(&figures());
}

#[test]
fn superseding_links_two_figures_and_keeps_both() {
    check(&[superseding(), staying()].concat());
}
