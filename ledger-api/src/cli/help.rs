//! The help of the program: its verbs under headings, and examples of each.

use clap::Command;

use super::exit::Exit;

/// Headings, and below each the verbs it lists as lines of examples. They fit the sample book.
const EXAMPLES: &str = include_str!("examples.txt");

/// How many examples the help of a verb shows.
const EXAMPLES_SHOWN: usize = 2;

/// Adds headings, examples and exit codes to the help of the program.
pub(super) fn with_help(command: Command) -> Command {
    let template = template(&command);
    let command = command.help_template(template).after_help(exit_codes());
    command.mut_subcommands(|verb| with_examples(verb, ""))
}

/// The help with its verbs under headings; clap itself knows only one list.
fn template(command: &Command) -> String {
    let styles = command.get_styles();
    let (header, name) = (styles.get_header(), styles.get_literal());
    let width = command.get_subcommands().map(|verb| verb.get_name().len()).max().unwrap_or(0);
    let mut text = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    for (heading, verbs) in groups() {
        text += &format!("\n{header}{heading}:{header:#}\n");
        for verb in verbs {
            let about = command.find_subcommand(verb).map(headline).unwrap_or_default();
            text += &format!("  {name}{verb:width$}{name:#}  {about}\n");
        }
    }
    text + &format!(
        "\nShow what a verb takes, with examples: {name}budget-ledger help VERB{name:#}\n\n\
         {header}Options:{header:#}\n{{options}}{{after-help}}"
    )
}

/// Each heading with its verbs, in order.
fn groups() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    EXAMPLES.split("\n\n").map(|group| {
        let (heading, examples) = group.split_once('\n').unwrap_or((group, ""));
        let mut verbs: Vec<&str> = examples.lines().filter_map(first_word).collect();
        verbs.dedup();
        (heading, verbs)
    })
}

fn first_word(example: &str) -> Option<&str> {
    example.split_whitespace().next()
}

/// What a verb does, up to the first pause.
fn headline(verb: &Command) -> String {
    let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
    let pause = [". ", ": ", "; "].into_iter().filter_map(|pause| about.find(pause)).min();
    about.get(..pause.unwrap_or(about.len())).unwrap_or_default().to_owned()
}

/// Adds examples to the help of a verb, and to that of the verbs below it.
fn with_examples(verb: Command, above: &str) -> Command {
    let path = format!("{above}{} ", verb.get_name());
    let header = verb.get_styles().get_header();
    let mut text = format!("{header}Examples:{header:#}");
    for example in examples(&path).take(EXAMPLES_SHOWN) {
        text += &format!("\n  budget-ledger {example}");
    }
    verb.after_help(text).mut_subcommands(|below| with_examples(below, &path))
}

/// The examples of a verb, named by its words with a space after each.
fn examples(path: &str) -> impl Iterator<Item = &'static str> {
    let indented = EXAMPLES.lines().filter_map(|line| line.strip_prefix("  "));
    indented.filter(move |example| format!("{example} ").starts_with(path))
}

fn exit_codes() -> String {
    let line = |exit: &Exit| format!("\n  {} {}", exit.code(), exit.meaning());
    format!("Exit codes:{}", Exit::ALL.iter().map(line).collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::{CommandFactory, FromArgMatches};

    use super::*;
    use crate::cli::Cli;

    /// The words of an example, as a shell reads them.
    fn words(text: &str) -> Vec<String> {
        let (mut words, mut quoted) = (vec![String::new()], false);
        for letter in text.chars() {
            match letter {
                '"' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                letter => words.last_mut().expect("a word").push(letter),
            }
        }
        words
    }

    #[test]
    fn every_verb_is_under_one_heading() {
        let command = Cli::command();
        let verbs: BTreeSet<&str> = command.get_subcommands().map(Command::get_name).collect();
        let listed: Vec<&str> = groups().flat_map(|(_, verbs)| verbs).collect();
        assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), verbs);
        assert_eq!(listed.len(), verbs.len(), "a verb is listed twice");
    }

    #[test]
    fn every_verb_has_an_example() {
        fn check(verb: &Command, above: &str) {
            let path = format!("{above}{} ", verb.get_name());
            assert!(examples(&path).next().is_some(), "{path}has no example");
            verb.get_subcommands().for_each(|below| check(below, &path));
        }
        Cli::command().get_subcommands().for_each(|verb| check(verb, ""));
    }

    #[test]
    fn every_example_parses() {
        for example in examples("") {
            let arguments = std::iter::once("budget-ledger".to_owned()).chain(words(example));
            let matches = with_help(Cli::command()).try_get_matches_from(arguments);
            let parsed = matches.and_then(|matches| Cli::from_arg_matches(&matches));
            assert!(parsed.is_ok(), "{example}: {:?}", parsed.err());
        }
    }

    #[test]
    fn the_help_of_a_verb_ends_with_examples() {
        let mut command = with_help(Cli::command());
        command.build();
        let body = command.find_subcommand_mut("body").expect("a verb");
        let merge = body.find_subcommand_mut("merge").expect("a verb");
        let help = merge.render_long_help().to_string();
        let (_, examples) = help.split_once("Examples:\n").expect("examples");
        assert!(examples.trim().starts_with("budget-ledger body merge --into"), "{help}");
    }
}
