//! Two totals of one thing: question 6, with its scopes and figures.

use serde_json::Value;

use crate::Question;
use crate::asking::{SampleBook, cells, nodes, row, text};

/// The scope of the 27 projects.
pub(crate) const NARROW: &str = "ALL27";

/// The postings the question needs where the sample book lacks the scope.
const POSTINGS: [(&str, &str); 4] = [
    ("defineScope", r#"code: "ALL27", name: "The 27 projects", programmes: ["TECH"]"#),
    (
        "defineScope",
        r#"code: "WIDER", name: "The 27 projects and what is beside them", programmes: ["TECH", "X-WIDER"]"#,
    ),
    (
        "publishFigure",
        r#"code: "UNDER-27", title: "Underspend of all 27 projects", scope: "ALL27", year: "2018-19",
           measure: UNDERSPEND, figure: { exact: "131200000.00" }, source: "HSJ 7025269", publishedOn: "2019-06-30""#,
    ),
    (
        "publishFigure",
        r#"code: "UNDER-RIVAL", title: "The rival underspend", scope: "ALL27", year: "2018-19",
           measure: UNDERSPEND, figure: { about: "30000000.00" }, source: "HSJ 7025287", publishedOn: "2019-06-30""#,
    ),
];

/// The same postings on the command line.
pub(crate) const COMMANDS: [&str; 4] = [
    "scope define ALL27 'The 27 projects' --programme TECH --reason named",
    "scope define WIDER 'The 27 projects and what is beside them' --programme TECH --programme X-WIDER --reason named",
    "publish UNDER-27 'Underspend of all 27 projects' --exactly 131.2m --scope ALL27 --year 2018-19 --measure underspend --source 'HSJ 7025269' --on 2019-06-30 --reason published",
    "publish UNDER-RIVAL 'The rival underspend' --about 30m --scope ALL27 --year 2018-19 --measure underspend --source 'HSJ 7025287' --on 2019-06-30 --reason published",
];

/// Publishes the scopes and figures if the sample book lacks them. Returns whether it did.
pub(crate) fn publish(book: &SampleBook) -> bool {
    let scopes = book.ask("{ figureScopes { rows(first: 50) { edges { node { code } } } } }");
    let known = nodes(&scopes["figureScopes"]["rows"]);
    if known.iter().any(|scope| scope["code"] == NARROW) {
        return false;
    }
    for (index, (mutation, input)) in POSTINGS.into_iter().enumerate() {
        let input = format!(r#"idempotencyKey: "rivals-{index}", reason: "published", {input}"#);
        book.post(None, mutation, &input);
    }
    true
}

/// The page's note on these postings.
pub(crate) const BEFOREHAND: &str =
    "The two scopes and the two figures were posted to the sample book beforehand, with the
    commands `scope define` and `publish`.";

pub(crate) const QUESTIONS: fn() -> Vec<Question> = || {
    vec![Question {
        number: 6,
        title: "Why do two totals of the same thing differ?",
        explanation:
            "They count different things. Two underspends of 2018-19 were published: £131.2m, and
            about £30m. The ledger's own figure for the 27 projects is £131.2m (£653.2m planned,
            £522.0m forecast). With the projects beside them (£465.6m planned, £566.8m forecast, so
            £101.2m over) it is £30.0m. So the wider scope explains the rival figure, and nothing is
            left unexplained.",
        commands: &["claims --year 2018-19"],
        query: r#"{
  publishedFigures(year: "2018-19") {
    rows(first: 20) {
      edges {
        node {
          title scope measure certainty amount source
          now { ledger difference agrees explainedBy { scope ledger } unexplained }
        }
      }
    }
  }
  figureScopes { rows(first: 10) { edges { node { code name programmes } } } }
}"#,
        check: explained,
    }]
};

fn explained(answer: &Value) {
    let rows = nodes(&answer["publishedFigures"]["rows"]);
    // 653.2 less 522.0.
    let narrow = row(&rows, "amount", "131200000.00");
    assert_eq!(
        cells(narrow, &["scope", "certainty", "now/ledger", "now/difference", "now/unexplained"]),
        [NARROW, "EXACT", "131200000.00", "0.00", "0.00"]
    );
    assert_eq!(narrow["now"]["agrees"], true);
    // 653.2 and 465.6, less 522.0 and 566.8: the figure of the wider scope, published or explaining.
    let rival = row(&rows, "amount", "30000000.00");
    let others = rival["now"]["explainedBy"].as_array().expect("scopes").iter();
    let mut answered: Vec<(&str, &str)> =
        others.map(|other| (text(&other["scope"]), text(&other["ledger"]))).collect();
    answered.push((text(&rival["scope"]), text(&rival["now"]["ledger"])));
    assert!(answered.contains(&("WIDER", "30000000.00")), "{rival}");
    assert_eq!(rival["now"]["unexplained"], "0.00");
}
