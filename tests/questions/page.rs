//! `docs/questions.md`, built from the questions, their queries and the answers.

use std::fmt::Write as _;
use std::path::Path;

use crate::asking::{BEFORE_SIGNING, SampleBook};
use crate::{Question, questions, rivals, sign_off};

const PAGE: &str = "../docs/questions.md";

/// The variable that makes the test write the page.
const WRITE: &str = "LEDGER_WRITE_DOCS";

const INTRODUCTION: &str = "# Twenty questions, and what the book answers

Each question is one query of the sample book. To repeat an answer, run
`budget-ledger init --sample`, or `budget-ledger serve --demo` and open `/graphiql`. Where a
question needs further postings, it says so. Each part has the question and how to read its answer,
the command, the GraphQL query, and the answer. Amounts are exact pounds and pence: `81000000.00` is
£81.0m. Codes that begin with `X-` are illustrative and come from no public source. The test suite
`questions` writes this page and checks each answer against figures worked by hand.
";

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for question in questions() {
        part(&mut page, &question).expect("text can be written");
    }
    page
}

fn part(page: &mut String, question: &Question) -> std::fmt::Result {
    let Question { number, title, explanation, commands, query, .. } = question;
    write!(page, "\n## {number}. {title}\n\n{}\n", wrapped(explanation))?;
    let book = SampleBook::shared();
    let beforehand = match number {
        6 if book.published => rivals::BEFOREHAND,
        13 => sign_off::BEFOREHAND,
        _ => "",
    };
    if !beforehand.is_empty() {
        write!(page, "\n{}\n", wrapped(beforehand))?;
    }
    page.push_str("\n```console\n");
    for command in *commands {
        writeln!(page, "$ budget-ledger {command}")?;
    }
    page.push_str("```\n");
    let query = query.replace(&format!(", {BEFORE_SIGNING}"), "");
    let query = query.replace(&format!("({BEFORE_SIGNING})"), "");
    write!(page, "\n```graphql\n{query}\n```\n")?;
    let answer = serde_json::to_string_pretty(&book.response(question).data).expect("JSON");
    write!(page, "\n```json\n{answer}\n```\n")
}

/// A paragraph in lines of at most a hundred characters.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("a line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > 100 {
            lines.push(word.to_owned());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[test]
fn the_page_equals_the_queries_and_answers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let made = page();
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &made).expect("the page is written");
    }
    let kept = std::fs::read_to_string(&path).expect("the page");
    let differs = kept.lines().zip(made.lines()).position(|(kept, made)| kept != made);
    assert!(
        kept == made,
        "docs/questions.md differs from line {}: write it anew with\n  \
         {WRITE}=1 cargo test -p ledger-tests --test questions",
        differs.unwrap_or(kept.lines().count().min(made.lines().count())) + 1
    );
}
