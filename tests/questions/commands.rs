//! Runs the page's commands on the sample book.

use std::path::Path;
use std::process::{Command, Output};

use crate::{questions, rivals};

fn run(folder: &Path, arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ledger-under-test"));
    for name in ["DATA", "SERVER", "TOKEN", "ACTOR"] {
        command.env_remove(format!("BUDGET_LEDGER_{name}"));
    }
    let split = arguments.split('\'').enumerate();
    for (index, part) in split {
        // Quoted text is one argument.
        if index % 2 == 1 {
            command.arg(part);
        } else {
            command.args(part.split_whitespace());
        }
    }
    command.current_dir(folder).output().expect("the program runs")
}

fn does(folder: &Path, arguments: &str) -> String {
    let done = run(folder, arguments);
    let said = String::from_utf8(done.stdout).expect("text");
    assert!(done.status.success(), "{arguments}: {}", String::from_utf8_lossy(&done.stderr));
    said
}

#[test]
fn every_command_of_the_page_answers_on_the_sample_book() {
    let folder = tempfile::tempdir().expect("a folder");
    does(folder.path(), "init --sample");
    if !does(folder.path(), "scope list").contains(rivals::NARROW) {
        for command in rivals::COMMANDS {
            does(folder.path(), command);
        }
    }
    for command in questions().iter().flat_map(|question| question.commands) {
        let said = does(folder.path(), &format!("{command} --format csv"));
        // The first line has the column names.
        assert!(said.lines().count() > 1, "{command}: {said}");
        assert!(!does(folder.path(), command).is_empty(), "{command}");
    }
}
