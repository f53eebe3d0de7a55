//! Bodies: what was merged has its figures under both codes.

use serde_json::Value;

use crate::desk::nodes;
use crate::fixture::Fixture;

/// Trust C of the sample's illustration had 10.0 and spent 4.0, trust D 15.0 and 5.0.
#[test]
fn a_body_that_merged_has_its_figures_and_so_has_its_successor() {
    let answer = Fixture::sample().ask(
        r#"{ c: body(code: "X-TRUST-C") { successor { code } predecessors(first: 5) { edges { node { code } } }
              figures(year: "2026-27") { revised actual } }
            d: body(code: "X-TRUST-D") { successor { code } predecessors(first: 5) { edges { node { code } } }
              figures(year: "2026-27") { revised actual } }
            region: body(code: "X-REGION") { figures(year: "2026-27") { revised actual } }
            before: body(code: "X-TRUST-D", asAt: { recordedAt: "2026-08-31T12:00:00Z" }) {
              predecessors(first: 5) { edges { node { code } } } figures(year: "2026-27") { revised } }
            flows(year: "2026-27", by: BODY) { margins(first: 20) { edges { node {
              party { code } figures { funded } } } } } }"#,
    );
    let figures = |body: &str| {
        let figures = &answer[body]["figures"];
        [figures["revised"].as_str(), figures["actual"].as_str()].map(Option::unwrap)
    };
    assert_eq!(figures("c"), ["10000000.00", "4000000.00"]);
    assert_eq!(figures("d"), ["25000000.00", "9000000.00"]);
    assert_eq!(figures("region"), ["25000000.00", "9000000.00"], "each line once");
    assert_eq!(answer["c"]["successor"]["code"], "X-TRUST-D");
    assert_eq!(answer["d"]["successor"], Value::Null);
    let merged = |body: &str| nodes(&answer[body]["predecessors"]).len();
    assert_eq!([merged("c"), merged("d"), merged("before")], [0, 1, 0]);
    assert_eq!(answer["before"]["figures"]["revised"], "15000000.00");
    let margins = nodes(&answer["flows"]["margins"]);
    let of = |code: &str| margins.iter().find(|margin| margin["party"]["code"] == code);
    assert_eq!(of("X-TRUST-D").unwrap()["figures"]["funded"], "25000000.00");
}
