//! Arguments that verbs share.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueEnum};
use ledger_core::domain::actor::{Capacity, Tier};
use ledger_core::domain::code::FundCode;
use ledger_core::domain::command::{FundAmount, LineAmount, ProposalVersion};
use ledger_core::domain::event::Destination;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::ExpectedVersion;
use ledger_core::domain::text::{ActorId, Citation, IdempotencyKey, Reason};
use projections::AsAt;
use smallvec::SmallVec;

use super::exit::CliError;
use super::output::Format;
use super::place::BookArgs;
use super::source::Source;
use crate::amount::TypedAmount;

/// A question about a book.
#[derive(Args)]
pub(super) struct ReadArgs {
    #[command(flatten)]
    pub(super) book: BookArgs,
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

impl ReadArgs {
    /// The book to ask, or what it would be where something is supposed.
    pub(super) fn open(&self, moment: &MomentArgs) -> Result<Box<dyn Source>, CliError> {
        let Some((what, after)) = moment.supposes() else { return self.book.open() };
        self.book.open_supposing(what, after)
    }
}

/// As at which moment.
#[derive(Args)]
pub(super) struct MomentArgs {
    /// As it stood after this entry.
    #[arg(long, value_name = "POSITION", conflicts_with = "as_of")]
    at: Option<Position>,
    /// As known at this time: a date (its end, UK time) or an RFC 3339 moment.
    #[arg(long, value_name = "TIME")]
    as_of: Option<ledger_core::domain::calendar::Timestamp>,
    /// As if these postings had been made then: a file as `post` takes it, or the name of a scenario
    /// that `what-if` keeps in a data folder. Nothing of it is stored.
    #[arg(long, value_name = "FILE|SCENARIO")]
    what_if: Option<PathBuf>,
}

impl MomentArgs {
    /// As at when the book is asked: at its end, where something is supposed after the moment.
    pub(super) fn as_at(&self) -> AsAt {
        if self.what_if.is_some() { AsAt::Now } else { self.moment() }
    }

    /// What is supposed, and after which moment.
    pub(super) fn supposes(&self) -> Option<(&Path, AsAt)> {
        self.what_if.as_deref().map(|what| (what, self.moment()))
    }

    fn moment(&self) -> AsAt {
        match (self.at, self.as_of) {
            (Some(position), _) => AsAt::Position(position),
            (None, Some(time)) => AsAt::Recorded(time),
            (None, None) => AsAt::Now,
        }
    }
}

/// Who posts.
#[derive(Args)]
pub(super) struct WhoArgs {
    /// Who posts, by opaque id: `local` where left out. A server tells by itself who posts.
    #[arg(long, value_name = "ID", env = "BUDGET_LEDGER_ACTOR")]
    pub(super) actor: Option<ActorId>,
}

/// What every posting says about itself.
#[derive(Args)]
pub(super) struct PostingArgs {
    #[command(flatten)]
    pub(super) book: BookArgs,
    /// Why this is posted.
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Reason,
    /// An idempotency key: the same key with the same command posts once. A new one by default.
    #[arg(long)]
    pub(super) key: Option<IdempotencyKey>,
    /// The authority it is done under, such as a Treasury letter.
    #[arg(long, value_name = "TEXT")]
    pub(super) authority: Option<Citation>,
    /// What it rests on; may be given several times.
    #[arg(long, value_name = "TEXT")]
    pub(super) evidence: Vec<Citation>,
    /// Where no source states it: how it was derived.
    #[arg(long, value_name = "TEXT")]
    pub(super) inferred: Option<Reason>,
    /// Post only if a line is still at the version that was read; may be given several times.
    #[arg(long, value_name = "LINE@VERSION")]
    pub(super) expect: Vec<ExpectedVersionArg>,
    /// Propose it, whether it passes a limit or not: it waits for sign-off.
    #[arg(long)]
    pub(super) propose: bool,
    /// Propose it as a draft, which waits for nobody until it is submitted.
    #[arg(long)]
    pub(super) draft: bool,
    /// Show what would change, and post nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) who: WhoArgs,
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t)]
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
            .ok_or_else(|| format!("\"{name}\" is not icb, region or department"))?;
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
    text.split_once(at).ok_or_else(|| format!("\"{text}\" is not of the form {form}"))
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
            _ => Err(format!("\"{text}\" is not treasury, fund:CODE or programme:CODE")),
        }
    }
}

/// Budget class, as an argument.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum ClassArg {
    /// CDEL.
    Capital,
    /// RDEL.
    Revenue,
    /// No split is published.
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
