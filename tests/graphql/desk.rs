//! A small book for analysts, whose figures can be worked out by hand.

use serde_json::Value;

use crate::fixture::Fixture;

pub(crate) fn nodes(connection: &Value) -> Vec<Value> {
    let edges = connection["edges"].as_array().expect("edges");
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

pub(crate) const A: &str = "A/XDH/2030-31/capital";
pub(crate) const B: &str = "B/XDH/2030-31/capital";

/// A book of one programme with two below it, and where its entries are.
pub(crate) struct Desk {
    pub(crate) fixture: Fixture,
    pub(crate) struck: u64,
    pub(crate) moved: u64,
    pub(crate) cut: u64,
    /// The forecasts: of A in M3 and M6, of B in M6, of A in M11.
    pub(crate) forecasts: [u64; 4],
    pub(crate) commitments: [u64; 2],
    pub(crate) spends: [u64; 3],
}

impl Desk {
    pub(crate) fn new() -> Self {
        let fixture = Fixture::at("2033-04-01T00:00:00Z");
        let post = |field: &str, input: String| fixture.post(field, &input);
        post("establishFund", r#"code: "F", name: "A fund""#.to_owned());
        post(
            "settleFunding",
            r#"fund: "F", class: CAPITAL, from: "2030-31", to: "2032-33", newMoney: "5000.00", reannounced: "0.00""#.to_owned(),
        );
        post("openProgramme", r#"code: "PORT", name: "A portfolio""#.to_owned());
        for code in ["A", "B"] {
            let input = format!(r#"code: "{code}", name: "Part {code}", parent: "PORT""#);
            post("openProgramme", input);
        }
        let allocate = |line: &str, month: &str, amount: &str| {
            let to = format!(r#"[{{ line: "{line}", amount: "{amount}" }}]"#);
            post("allocate", format!(r#"fund: "F", month: "{month}", to: {to}"#))
        };
        allocate(A, "M1", "100.00");
        allocate(B, "M1", "50.00");
        allocate(A, "M9", "20.00");
        let struck = post("strikeBaseline", r#"year: "2030-31", name: "original""#.to_owned());
        let moved = post(
            "reallocate",
            format!(
                r#"month: "M2", from: [{{ line: "{A}", amount: "10.00" }}], to: [{{ line: "{B}", amount: "10.00" }}]"#
            ),
        );
        let cut = post(
            "cut",
            format!(r#"line: "{A}", month: "M8", amount: "30.00", to: {{ outOfBook: TREASURY }}"#),
        );
        let commit = |amount: &str, month: &str, reference: &str| {
            let rest = format!(r#"amount: "{amount}", reference: "{reference}""#);
            post("commit", format!(r#"line: "{A}", month: "{month}", {rest}"#))
        };
        let commitments = [commit("25.00", "M4", "PO-1"), commit("8.00", "M5", "PO-2")];
        let forecast = |line: &str, month: &str, amount: &str| {
            let input = format!(r#"line: "{line}", month: "{month}", amount: "{amount}""#);
            post("reviseForecast", input)
        };
        let forecasts = [
            forecast(A, "M3", "90.00"),
            forecast(A, "M6", "75.00"),
            forecast(B, "M6", "58.00"),
            forecast(A, "M11", "70.00"),
        ];
        let spend = |line: &str, month: &str, amount: &str, rest: &str| {
            let input = format!(r#"line: "{line}", month: "{month}", amount: "{amount}" {rest}"#);
            post("recordActual", input)
        };
        let spends = [
            spend(A, "M5", "15.00", r#", discharges: "PO-1""#),
            spend(A, "M7", "50.00", ""),
            spend(B, "M12", "58.00", ""),
        ];
        for (cause, amount) in [("SAVING", "4.00"), ("SLIPPAGE", "3.00")] {
            let input = format!(r#"line: "{A}", cause: {cause}, amount: "{amount}""#);
            post("explainUnderspend", input);
        }
        Desk { struck, moved, cut, forecasts, commitments, spends, fixture }
    }

    pub(crate) fn close(&self, year: &str) {
        self.fixture.post("closePeriod", &format!(r#"year: "{year}", close: HARD"#));
    }
}
