//! The twenty questions that one query must answer, asked of the sample book and checked against
//! figures worked by hand. `docs/questions.md` consists of the same queries and answers.

#![expect(clippy::expect_used, clippy::panic, reason = "a failing helper fails its test")]

mod asking;
mod commands;
mod donors;
mod outturn;
mod page;
mod plans;
mod rivals;
mod sign_off;

use asking::SampleBook;
use serde_json::Value;

/// A question of the page.
pub(crate) struct Question {
    pub(crate) number: u8,
    pub(crate) title: &'static str,
    /// How to read the answer, for readers without GraphQL.
    pub(crate) explanation: &'static str,
    /// The commands that ask the same, without the program's name.
    pub(crate) commands: &'static [&'static str],
    pub(crate) query: &'static str,
    /// Checks the answer against figures worked by hand.
    pub(crate) check: fn(&Value),
}

/// Every question, in order of its number.
fn questions() -> Vec<Question> {
    let themes = [donors::QUESTIONS, plans::QUESTIONS, rivals::QUESTIONS, outturn::QUESTIONS];
    let themes = themes.into_iter().chain([sign_off::QUESTIONS]);
    let mut questions: Vec<Question> = themes.flat_map(|questions| questions()).collect();
    questions.sort_by_key(|question| question.number);
    questions
}

#[test]
fn there_is_a_question_for_each_number_from_1_to_20() {
    let numbers: Vec<u8> = questions().iter().map(|question| question.number).collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<u8>>());
}

#[test]
fn every_answer_equals_the_figures_worked_by_hand() {
    let book = SampleBook::shared();
    let wrong: Vec<String> = questions()
        .iter()
        .filter_map(|question| {
            let answer = book.answer(question);
            let checked = std::panic::catch_unwind(|| (question.check)(&answer));
            checked.is_err().then(|| format!("question {}: {answer:#}", question.number))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
