//! Arguments that verbs share.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use ledger_core::domain::actor::{Capacity, Tier};
use ledger_core::domain::code::FundCode;
use ledger_core::domain::command::{FundAmount, LineAmount, ProposalVersion, ReturnTo};
use ledger_core::domain::date_or_time::DateOrTime;
use ledger_core::domain::event::Destination;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::ExpectedVersion;
use ledger_core::domain::text::{ActorId, Citation, IdempotencyKey, Reason};
use projections::AsAt;
use serde_json::{Value, json};
use smallvec::SmallVec;

use super::ask::Door;
use super::ask::place::{BookArgs, FolderArgs};
use super::ask::variables;
use super::exit::CliError;
use super::format::Format;
use crate::clock::now;
use crate::text::amount::TypedAmount;

/// The arguments of a question about a book.
#[derive(Args)]
pub(super) struct ReadArgs {
    #[command(flatten)]
    pub(super) book: BookArgs,
    #[command(flatten)]
    pub(super) format: Format,
}

/// The arguments of a question about the files of a data folder.
#[derive(Args)]
pub(super) struct FolderReadArgs {
    #[command(flatten)]
    pub(super) folder: FolderArgs,
    #[command(flatten)]
    pub(super) format: Format,
}

impl ReadArgs {
    /// Opens the book, changed by the postings of --what-if if there are any.
    pub(super) fn open(&self, moment: &MomentArgs) -> Result<Box<dyn Door>, CliError> {
        let Some((what, after, on)) = moment.supposes() else { return self.book.open() };
        self.book.open_supposing(what, after, on)
    }
}

/// The moment that an answer is about.
#[derive(Args)]
pub(super) struct MomentArgs {
    /// Answer as at this entry's position in the log.
    #[arg(long, value_name = "POSITION", conflicts_with = "as_of")]
    at: Option<Position>,
    /// Answer as known at this time: a date such as 2018-03-01 means its end, UK time.
    #[arg(long, value_name = "TIME")]
    as_of: Option<DateOrTime>,
    /// Answer as of this day, UK time: its month, policy and delegations. Today by default, or the day
    /// of --at or --as-of.
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// Answer as if these postings had been made: a file as `post` takes it, or a scenario saved by
    /// `what-if --save`. Nothing is stored.
    #[arg(long, value_name = "FILE|SCENARIO")]
    what_if: Option<PathBuf>,
}

impl MomentArgs {
    /// The variables that name the moment to ask about. Supposed postings follow the moment, so with
    /// them it is the end.
    pub(super) fn variables(&self) -> Value {
        if self.what_if.is_some() {
            return json!({});
        }
        let mut variables = json!({ "asAt": variables::as_at(self.moment()) });
        if let Some(day) = self.on {
            variables["on"] = json!(day.to_string());
        }
        variables
    }

    /// The file or scenario to suppose, and the moment and the day it follows.
    pub(super) fn supposes(&self) -> Option<(&Path, AsAt, Option<NaiveDate>)> {
        self.what_if.as_deref().map(|what| (what, self.moment(), self.on))
    }

    /// The day that the answer stands at, unless it is that of a position.
    pub(super) fn today(&self) -> NaiveDate {
        self.on.unwrap_or_else(|| self.as_of.map_or_else(now, DateOrTime::ends).day())
    }

    fn moment(&self) -> AsAt {
        match (self.at, self.as_of) {
            (Some(position), _) => AsAt::Position(position),
            (None, Some(time)) => AsAt::Recorded(time.ends()),
            (None, None) => AsAt::Now,
        }
    }
}

/// The person who posts.
#[derive(Args)]
pub(super) struct WhoArgs {
    /// The id of the person who posts, `local` by default. If you sign in, your key decides.
    #[arg(long, value_name = "ID", env = "BUDGET_LEDGER_ACTOR")]
    pub(super) actor: Option<ActorId>,
    /// Post to a data folder although its last entry makes the clock of this machine doubtful. Check
    /// the clock first: that you accept it is recorded.
    #[arg(long)]
    pub(super) accept_clock: bool,
}

/// The arguments of every posting.
#[derive(Args)]
pub(super) struct PostingArgs {
    #[command(flatten)]
    pub(super) book: BookArgs,
    /// Why you post this, for auditors to read.
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Reason,
    /// A name for this posting, new by default. Run twice with one key, it is posted once.
    #[arg(long)]
    pub(super) key: Option<IdempotencyKey>,
    /// The authority for it, such as "HMT letter of 3 June 2026".
    #[arg(long, value_name = "TEXT")]
    pub(super) authority: Option<Citation>,
    /// A document that supports it. Repeat for several.
    #[arg(long, value_name = "TEXT")]
    pub(super) evidence: Vec<Citation>,
    /// How the figure was worked out, if no source states it.
    #[arg(long, value_name = "TEXT")]
    pub(super) inferred: Option<Reason>,
    /// Post only if the line has not changed since you read it at this version. Repeat for several.
    #[arg(long, value_name = "LINE@VERSION")]
    pub(super) expect: Vec<ExpectedVersionArg>,
    /// Reverse this entry and post this in its place, as one entry.
    #[arg(long, value_name = "ENTRY")]
    pub(super) corrects: Option<Position>,
    /// Send it for sign-off, even if no limit requires that.
    #[arg(long)]
    pub(super) propose: bool,
    /// Save it as a draft. `submit` sends it for sign-off.
    #[arg(long)]
    pub(super) draft: bool,
    /// Show what would change, and post nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) who: WhoArgs,
    #[command(flatten)]
    pub(super) format: Format,
}

/// `LINE@VERSION`.
#[derive(Clone, Copy)]
pub(super) struct ExpectedVersionArg(pub(super) ExpectedVersion);

impl FromStr for ExpectedVersionArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (line, version) = split(text, '@', "LINE@VERSION")?;
        let (line, version) = (parse(line)?, parse(version)?);
        Ok(ExpectedVersionArg(ExpectedVersion { line, version }))
    }
}

/// `PROPOSAL@VERSION`.
#[derive(Clone, Copy)]
pub(super) struct ProposalArg(pub(super) ProposalVersion);

impl FromStr for ProposalArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (proposal, version) = split(text, '@', "PROPOSAL@VERSION")?;
        let (proposal, version) = (parse(proposal)?, parse(version)?);
        Ok(ProposalArg(ProposalVersion { proposal, version }))
    }
}

/// `TIER:BODY`.
#[derive(Clone, Copy)]
pub(super) struct CapacityArg(pub(super) Capacity);

impl FromStr for CapacityArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, body) = split(text, ':', "TIER:BODY")?;
        let tier = Tier::named(name)
            .ok_or_else(|| format!("\"{name}\" is not a tier: write icb, region or department"))?;
        Ok(CapacityArg(Capacity { tier, body: parse(body)? }))
    }
}

/// `LINE=AMOUNT`.
#[derive(Clone, Copy)]
pub(super) struct LineAmountArg {
    line: LineKey,
    amount: Pence,
}

impl FromStr for LineAmountArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (line, amount) = split(text, '=', "LINE=AMOUNT")?;
        let (line, TypedAmount(amount)) = (parse(line)?, parse(amount)?);
        Ok(LineAmountArg { line, amount })
    }
}

pub(super) fn line_amounts(parts: &[LineAmountArg]) -> SmallVec<[LineAmount; 1]> {
    parts.iter().map(|part| LineAmount { line: part.line, amount: part.amount }).collect()
}

/// `FUND=AMOUNT`.
#[derive(Clone, Copy)]
pub(super) struct FundAmountArg {
    fund: FundCode,
    amount: Pence,
}

impl FromStr for FundAmountArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (fund, amount) = split(text, '=', "FUND=AMOUNT")?;
        let (fund, TypedAmount(amount)) = (parse(fund)?, parse(amount)?);
        Ok(FundAmountArg { fund, amount })
    }
}

pub(super) fn fund_amounts(parts: &[FundAmountArg]) -> Vec<FundAmount> {
    parts.iter().map(|part| FundAmount { fund: part.fund, amount: part.amount }).collect()
}

fn parse<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn split<'t>(text: &'t str, at: char, form: &str) -> Result<(&'t str, &'t str), String> {
    text.split_once(at).ok_or_else(|| format!("\"{text}\" has another form: write {form}"))
}

/// `treasury`, `fund:CODE` or `programme:CODE`.
#[derive(Clone, Copy)]
pub(super) struct DestinationArg(pub(super) Destination);

impl FromStr for DestinationArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "treasury" => Ok(DestinationArg(Destination::Treasury)),
            Some(("fund", code)) => Ok(DestinationArg(Destination::Fund(parse(code)?))),
            Some(("programme", code)) => Ok(DestinationArg(Destination::Programme(parse(code)?))),
            _ => Err(format!(
                "\"{text}\" is not a destination: write treasury, fund:CODE or programme:CODE"
            )),
        }
    }
}

/// `treasury`, or the code of a fund.
#[derive(Clone, Copy)]
pub(super) struct ReturnToArg(pub(super) ReturnTo);

impl FromStr for ReturnToArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "treasury" => Ok(ReturnToArg(ReturnTo::Treasury)),
            fund => Ok(ReturnToArg(ReturnTo::Fund(parse(fund)?))),
        }
    }
}

/// A budget class, as an argument.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum ClassArg {
    /// Capital budget (CDEL).
    Capital,
    /// Revenue budget (RDEL).
    Revenue,
    /// Not yet split into capital and revenue.
    Unsplit,
}

impl From<ClassArg> for ledger_core::domain::line::BudgetClass {
    fn from(class: ClassArg) -> Self {
        match class {
            ClassArg::Capital => Self::Capital,
            ClassArg::Revenue => Self::Revenue,
            ClassArg::Unsplit => Self::Unsplit,
        }
    }
}
