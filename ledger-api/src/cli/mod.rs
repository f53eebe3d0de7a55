//! The command line: `budget-ledger VERB`. One file per verb.
//!
//! Data goes to stdout, everything else to stderr. Exit codes are those of [`exit`].

mod access_log;
mod accrue;
mod actual;
mod allocate;
mod args;
mod baseline;
mod body;
mod bridge;
mod budget;
mod cancel;
mod claims;
mod close;
mod commit;
mod completions;
mod cut;
mod delegate;
mod diff;
mod door;
mod earmark;
mod exchange;
mod exchanges;
pub mod exit;
mod explain;
mod export;
mod flows;
mod forecast;
mod fund;
mod funds;
mod init;
mod keys;
mod log;
mod man;
mod offset;
mod output;
mod place;
mod policy;
mod post;
mod postings_file;
mod profile;
mod programme;
mod progress;
mod publish;
mod queue;
mod reallocate;
mod reject;
mod release;
mod reopen;
mod replay;
mod reverse;
mod scenario;
mod schema;
mod scope;
mod serve;
mod settle;
mod show;
mod sign_off;
mod source;
mod split;
mod submit;
mod systems;
mod verify;
mod watch;
mod what_if;
mod withdraw;
mod write;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use exit::{CliError, Exit};

/// A ledger of national NHS technology money: every change is an appended entry, and every figure
/// can be traced to the entries that make it.
#[derive(Parser)]
#[command(name = "budget-ledger", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 failure, 2 usage, 3 refused by a rule, \
                        4 not authorised, 5 conflict, 6 verification failed.")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Serve(Box<serve::Serve>),
    Init(init::Init),
    Post(post::Post),
    Settle(settle::Settle),
    Earmark(earmark::Earmark),
    Allocate(allocate::Allocate),
    Cut(cut::Cut),
    Reallocate(reallocate::Reallocate),
    Exchange(exchange::Exchange),
    Split(split::Split),
    Commit(commit::Commit),
    Release(release::Release),
    Accrue(accrue::Accrue),
    Actual(actual::Actual),
    Forecast(forecast::Forecast),
    Explain(explain::Explain),
    Profile(profile::Profile),
    Baseline(baseline::Baseline),
    Publish(Box<publish::Publish>),
    Scope(scope::Scope),
    Reverse(reverse::Reverse),
    Cancel(cancel::Cancel),
    Close(close::Close),
    Reopen(reopen::Reopen),
    SignOff(sign_off::SignOff),
    Submit(submit::Submit),
    Reject(reject::Reject),
    Withdraw(withdraw::Withdraw),
    Delegate(delegate::Delegate),
    Offset(offset::Offset),
    Policy(policy::Policy),
    Queue(queue::Queue),
    Systems(systems::Systems),
    Programme(programme::Programme),
    Body(body::Body),
    Fund(fund::Fund),
    Budget(budget::Budget),
    Bridge(bridge::Bridge),
    Diff(diff::Diff),
    Funds(funds::Funds),
    Claims(claims::Claims),
    Flows(flows::Flows),
    Log(log::Log),
    Watch(watch::Watch),
    WhatIf(what_if::WhatIf),
    Show(show::Show),
    Replay(replay::Replay),
    Verify(verify::Verify),
    Keys(keys::Keys),
    AccessLog(access_log::AccessLog),
    Export(export::Export),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Runs the program with the arguments it was started with.
pub fn main() -> ExitCode {
    run(std::env::args_os()).into()
}

/// Runs the program with these arguments, the first being its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let json = exit::wants_json(&arguments);
    match Cli::try_parse_from(&arguments) {
        Ok(cli) => match cli.verb.run() {
            Ok(()) => Exit::Done,
            Err(error) => error.report(json),
        },
        Err(error) if error.use_stderr() => CliError::usage_of(&error).report(json),
        Err(help) => {
            // Help and version go to stdout; a reader that has gone away needs neither.
            drop(help.print());
            Exit::Done
        }
    }
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
            Verb::Explain(verb) => verb.run(),
            Verb::Profile(verb) => verb.run(),
            Verb::Baseline(verb) => verb.run(),
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
            Verb::Completions(verb) => verb.run(Cli::command()),
            Verb::Man(verb) => verb.run(Cli::command()),
        }
    }
}
