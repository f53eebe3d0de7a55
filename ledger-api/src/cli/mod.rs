//! The command line: `budget-ledger VERB`. One file per verb.
//!
//! Answers go to stdout, notes and errors to stderr. [`exit`] lists the exit codes.

mod args;
mod ask;
pub mod exit;
mod format;
mod help;
mod operate;
mod output;
mod post;
mod read;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Command, CommandFactory, FromArgMatches, Parser, Subcommand};
use rustix::fs::Mode;
use rustix::process::umask;

use exit::{CliError, Exit};

/// A ledger of national NHS technology money. Every change is a new entry, and every figure shows
/// the entries behind it.
#[derive(Parser)]
#[command(name = "budget-ledger", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Serve(Box<operate::serve::Serve>),
    Init(operate::init::Init),
    Post(post::file::Post),
    Settle(post::settle::Settle),
    Earmark(post::earmark::Earmark),
    Allocate(post::allocate::Allocate),
    Cut(post::cut::Cut),
    Reallocate(post::reallocate::Reallocate),
    Exchange(post::exchange::Exchange),
    Split(post::split::Split),
    Commit(post::commit::Commit),
    Release(post::release::Release),
    Accrue(post::accrue::Accrue),
    Actual(post::actual::Actual),
    Forecast(post::forecast::Forecast),
    WithdrawForecast(post::withdraw_forecast::WithdrawForecast),
    Explain(post::explain::Explain),
    Profile(post::profile::Profile),
    Baseline(post::baseline::Baseline),
    WithdrawBaseline(post::withdraw_baseline::WithdrawBaseline),
    OpenYear(post::open_year::OpenYear),
    Publish(Box<post::publish::Publish>),
    Scope(post::scope::Scope),
    Reverse(post::reverse::Reverse),
    Cancel(post::cancel::Cancel),
    Close(post::close::Close),
    Reopen(post::reopen::Reopen),
    SignOff(post::sign_off::SignOff),
    Submit(post::submit::Submit),
    Reject(post::reject::Reject),
    Withdraw(post::withdraw::Withdraw),
    Delegate(post::delegate::Delegate),
    Offset(post::offset::Offset),
    Policy(post::policy::Policy),
    Queue(read::queue::Queue),
    Systems(read::systems::Systems),
    Programme(post::programme::Programme),
    Body(post::body::Body),
    Fund(post::fund::Fund),
    Budget(read::budget::Budget),
    Bridge(read::bridge::Bridge),
    Diff(read::diff::Diff),
    Funds(read::funds::Funds),
    Claims(read::claims::Claims),
    Flows(read::flows::Flows),
    Log(read::log::Log),
    Watch(read::watch::Watch),
    WhatIf(read::what_if::WhatIf),
    Show(read::show::Show),
    Replay(operate::replay::Replay),
    Verify(operate::verify::Verify),
    Keys(operate::keys::Keys),
    AccessLog(operate::access_log::AccessLog),
    Export(operate::export::Export),
    Schema(operate::schema::Schema),
    Completions(operate::completions::Completions),
    Man(operate::man::Man),
}

/// Runs the program with the arguments it was started with. Files that it makes are closed to others.
pub fn main() -> ExitCode {
    umask(Mode::RWXG | Mode::RWXO);
    run(std::env::args_os()).into()
}

/// Runs the program with these arguments, of which the first is its name. Without others it prints
/// its help.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.len() < 2 {
        arguments = vec!["budget-ledger".into(), "help".into()];
    }
    let json = exit::wants_json(&arguments);
    match parse(&arguments) {
        Ok(cli) => match cli.verb.run() {
            Ok(()) => Exit::Done,
            Err(error) => error.report(json),
        },
        Err(error) if error.use_stderr() => CliError::usage_of(&error).report(json),
        Err(help) => {
            // Help and version go to stdout. A closed stdout is not an error.
            drop(help.print());
            Exit::Done
        }
    }
}

fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let matches = command().try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command()))
}

/// The command line as clap knows it, with the whole help.
fn command() -> Command {
    help::with_help(Cli::command())
}

impl Verb {
    fn run(self) -> Result<(), CliError> {
        match self {
            Verb::Serve(verb) => verb.run(),
            Verb::Init(verb) => verb.run(),
            Verb::Post(verb) => verb.run(),
            Verb::Settle(verb) => verb.run(),
            Verb::Earmark(verb) => verb.run(),
            Verb::Allocate(verb) => verb.run(),
            Verb::Cut(verb) => verb.run(),
            Verb::Reallocate(verb) => verb.run(),
            Verb::Exchange(verb) => verb.run(),
            Verb::Split(verb) => verb.run(),
            Verb::Commit(verb) => verb.run(),
            Verb::Release(verb) => verb.run(),
            Verb::Accrue(verb) => verb.run(),
            Verb::Actual(verb) => verb.run(),
            Verb::Forecast(verb) => verb.run(),
            Verb::WithdrawForecast(verb) => verb.run(),
            Verb::Explain(verb) => verb.run(),
            Verb::Profile(verb) => verb.run(),
            Verb::Baseline(verb) => verb.run(),
            Verb::WithdrawBaseline(verb) => verb.run(),
            Verb::OpenYear(verb) => verb.run(),
            Verb::Publish(verb) => verb.run(),
            Verb::Scope(verb) => verb.run(),
            Verb::Reverse(verb) => verb.run(),
            Verb::Cancel(verb) => verb.run(),
            Verb::Close(verb) => verb.run(),
            Verb::Reopen(verb) => verb.run(),
            Verb::SignOff(verb) => verb.run(),
            Verb::Submit(verb) => verb.run(),
            Verb::Reject(verb) => verb.run(),
            Verb::Withdraw(verb) => verb.run(),
            Verb::Delegate(verb) => verb.run(),
            Verb::Offset(verb) => verb.run(),
            Verb::Policy(verb) => verb.run(),
            Verb::Queue(verb) => verb.run(),
            Verb::Systems(verb) => verb.run(),
            Verb::Programme(verb) => verb.run(),
            Verb::Body(verb) => verb.run(),
            Verb::Fund(verb) => verb.run(),
            Verb::Budget(verb) => verb.run(),
            Verb::Bridge(verb) => verb.run(),
            Verb::Diff(verb) => verb.run(),
            Verb::Funds(verb) => verb.run(),
            Verb::Claims(verb) => verb.run(),
            Verb::Flows(verb) => verb.run(),
            Verb::Log(verb) => verb.run(),
            Verb::Watch(verb) => verb.run(),
            Verb::WhatIf(verb) => verb.run(),
            Verb::Show(verb) => verb.run(),
            Verb::Replay(verb) => verb.run(),
            Verb::Verify(verb) => verb.run(),
            Verb::Keys(verb) => verb.run(),
            Verb::AccessLog(verb) => verb.run(),
            Verb::Export(verb) => verb.run(),
            Verb::Schema(verb) => verb.run(),
            Verb::Completions(verb) => verb.run(command()),
            Verb::Man(verb) => verb.run(command()),
        }
    }
}
