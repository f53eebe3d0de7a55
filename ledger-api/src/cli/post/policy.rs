//! `budget-ledger policy`

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use ledger_core::domain::command;
use ledger_core::domain::date_or_time::DateOrTime;
use ledger_core::domain::money::Pence;
use ledger_core::domain::policy;
use serde_json::Value;

use crate::cli::args::{MomentArgs, PostingArgs, ReadArgs};
use crate::cli::exit::CliError;
use crate::cli::output::{Cell, Rows};
use crate::cli::post::write;
use crate::cli::read::register::{self, PolicyInForce};
use crate::text::describe;

/// The rules in force: show them, compare a file with them, or adopt others.
#[derive(Args)]
pub(crate) struct Policy {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Show(Show),
    Diff(Diff),
    Adopt(Adopt),
}

/// Show the policy in force. Keep the answer in a file to change it for `policy adopt`.
#[derive(Args)]
struct Show {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

/// Show each rule that differs between the policy in force and a file.
#[derive(Args)]
struct Diff {
    /// A file with the whole policy, as `policy show` writes it with --format json, jsonl or csv.
    file: PathBuf,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

/// Adopt a policy in place of the one in force. An administrator proposes it, and the department
/// signs it off.
#[derive(Args)]
struct Adopt {
    /// A file with the whole policy, as `policy show` writes it with --format json, jsonl or csv.
    file: PathBuf,
    /// When it takes effect: a date, which means its start in UK time, or a time. Earlier postings are not judged again.
    #[arg(long, value_name = "TIME")]
    effective: DateOrTime,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Policy {
    pub(crate) fn run(self) -> Result<(), CliError> {
        match self.action {
            Action::Show(Show { read, moment }) => register::policy(&read, &moment),
            Action::Diff(diff) => diff.run(),
            Action::Adopt(Adopt { file, effective, posting }) => {
                let (policy, effective) = (Box::new(read_file(&file)?), effective.begins());
                write::post(command::AdoptPolicy { policy, effective }.into(), posting)
            }
        }
    }
}

impl Diff {
    fn run(self) -> Result<(), CliError> {
        let Diff { file, read, moment } = self;
        let proposed = read_file(&file)?;
        let PolicyInForce { policy, position } = register::policy_in_force(&read, &moment)?;
        let (before, after) = (rules(&policy)?, rules(&proposed)?);
        let file = file.display();
        let caption = format!("The policy in force as at position {position}, and {file}");
        let mut rows = Rows::new(caption, ["rule", "inForce", "inFile", "position"]);
        let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let (in_force, in_file) = (before.get(name), after.get(name));
            if in_force != in_file {
                rows.push(vec![
                    Cell::text(name),
                    Cell::maybe_text(in_force),
                    Cell::maybe_text(in_file),
                    Cell::Number(position.get()),
                ]);
            }
        }
        Ok(rows.print(read.format)?)
    }
}

/// Reads a policy from a file that holds it alone, or from an answer of `policy show`.
fn read_file(file: &Path) -> Result<policy::Policy, CliError> {
    let unreadable = |error: &dyn Display| {
        let file = file.display();
        CliError::usage(format!(
            "{file} is not a policy: {error}; begin with a copy made by `budget-ledger policy show --format json`"
        ))
    };
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(&error))?;
    parse(&text).map_err(|error| unreadable(&error))
}

fn parse(text: &str) -> Result<policy::Policy, serde_json::Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match from_csv(text).or_else(|| from_json(text)) {
        Some(policy) => serde_json::from_str(&policy),
        None => serde_json::from_str(text),
    }
}

/// The column `policy` of the only row of a CSV answer.
fn from_csv(text: &str) -> Option<String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let column = reader.headers().ok()?.iter().position(|name| name == "policy")?;
    let mut records = reader.records();
    let record = records.next()?.ok()?;
    records.next().is_none().then(|| record.get(column).map(str::to_owned))?
}

/// The member `policy` of a JSON line, or of the only row of a JSON array.
fn from_json(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    let row = match value.as_array() {
        Some(rows) => rows.first().filter(|_| rows.len() == 1)?,
        None => &value,
    };
    Some(row.get("policy")?.as_str()?.to_owned())
}

/// Each rule by its name in the file, with its value in words.
fn rules(policy: &policy::Policy) -> Result<BTreeMap<String, String>, CliError> {
    let value = serde_json::to_value(policy).map_err(|error| CliError::usage(error.to_string()))?;
    let mut rules = BTreeMap::new();
    add_rules("", &value, &mut rules);
    Ok(rules)
}

fn add_rules(name: &str, value: &Value, rules: &mut BTreeMap<String, String>) {
    let words = match value {
        Value::Object(members) => {
            for (member, value) in members {
                let dot = if name.is_empty() { "" } else { "." };
                add_rules(&format!("{name}{dot}{member}"), value, rules);
            }
            return;
        }
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        // Every number of a policy is an amount in pence, except a number of days.
        Value::Number(number) => match number.as_i64() {
            Some(pence) if !name.ends_with("Days") => describe::pounds(Pence::new(pence)),
            _ => number.to_string(),
        },
        Value::Null | Value::Bool(_) | Value::String(_) => words(value),
    };
    rules.insert(name.to_owned(), words);
}

/// A text without its quotation marks.
fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_is_read_from_every_format_that_shows_it_whole() {
        let policy = policy::Policy::default();
        let text = serde_json::to_string(&policy).expect("JSON");
        let row = json!({ "recordedBy": 1, "effective": null, "policy": text, "position": 169 });
        let quoted = text.replace('"', "\"\"");
        let csv = format!("recordedBy,effective,policy,position\n1,,\"{quoted}\",169\n");
        for written in [text, json!([row]).to_string(), format!("{row}\n"), csv] {
            assert_eq!(parse(&written).expect("a policy"), policy, "{written}");
        }
        for wrong in ["", "[]", "{}", "policy\n", "policy\na\nb\n", "The policy as at position 1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn amounts_are_pounds_and_days_are_not() {
        let rules = rules(&policy::Policy::default()).expect("rules");
        let shown = |name: &str| rules.get(name).map(String::as_str);
        assert_eq!(shown("capitalToRevenue.caps.2019-20"), Some("£250,000,000.00"));
        assert_eq!(shown("signOff.providerOver"), Some("£50,000.00"));
        assert_eq!(shown("signOff.windowDays"), Some("90"));
        assert_eq!(shown("signOff.chains.providerInDeficit"), Some("icb, region"));
        assert_eq!(shown("budgetExchange.capitalShare"), Some("0.015"));
    }
}
