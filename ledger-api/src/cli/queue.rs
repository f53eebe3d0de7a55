//! `budget-ledger queue`

use clap::{Args, ValueEnum};
use projections::sign_off_times;

use super::args::{MomentArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::source::answer::{Change, ProposalRow, SignOffTimeRow};

/// What waits for sign-off: whose, since when, and why. With `--all` what became of the rest, too;
/// with `--if-all-were-posted` what would change, and with `--times` how long sign-off has taken.
#[derive(Args)]
pub(super) struct Queue {
    /// Drafts, and what was posted, rejected or withdrawn, too.
    #[arg(long)]
    all: bool,
    /// What would change if everything that waits were posted, instead of what waits.
    #[arg(long, conflicts_with_all = ["all", "times"])]
    if_all_were_posted: bool,
    /// How long sign-off took, in hours, by the month of the signature, the step and the tier.
    #[arg(long, conflicts_with = "all")]
    times: bool,
    /// What else to count those times by.
    #[arg(long, value_enum, default_value_t, requires = "times")]
    by: ByArg,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

/// What signatures are counted by, as an argument.
#[derive(Clone, Copy, Default, ValueEnum)]
enum ByArg {
    /// Nothing else.
    #[default]
    Step,
    /// Who signed.
    Approver,
}

impl From<ByArg> for sign_off_times::By {
    fn from(by: ByArg) -> Self {
        match by {
            ByArg::Step => Self::Step,
            ByArg::Approver => Self::Approver,
        }
    }
}

const COLUMNS: &[&str] = &[
    "proposal",
    "version",
    "status",
    "proposes",
    "preparers",
    "waitsFor",
    "body",
    "since",
    "rule",
    "limit",
    "ruleSince",
    "position",
];

const TIMES_COLUMNS: &[&str] = &[
    "year",
    "month",
    "step",
    "tier",
    "approver",
    "signatures",
    "totalHours",
    "averageHours",
    "longestHours",
    "position",
];

const CHANGE_COLUMNS: &[&str] = &["account", "figure", "before", "change", "after", "position"];

impl Queue {
    pub(super) fn run(self) -> Result<(), CliError> {
        if self.times {
            return self.tell_times();
        }
        if self.if_all_were_posted {
            return self.tell_if_all_were_posted();
        }
        let told = self.read.open(&self.moment)?.proposals(self.moment.as_at())?;
        let at = told.position;
        let what = if self.all { "Proposals" } else { "Waiting for sign-off" };
        let mut rows = Rows::new(format!("{what} as at position {at}"), COLUMNS);
        for row in told.rows {
            let ProposalRow { number, version, status, proposes, preparers, waits } = row;
            if waits.is_none() && !self.all {
                continue;
            }
            let waits = waits.as_ref();
            rows.push(vec![
                Cell::Number(number.get()),
                Cell::Number(u64::from(version)),
                Cell::Text(status),
                Cell::Text(proposes),
                Cell::List(preparers),
                Cell::maybe_text(waits.map(|waits| waits.tier)),
                Cell::maybe_text(waits.map(|waits| waits.body)),
                Cell::maybe_text(waits.map(|waits| waits.since)),
                Cell::maybe_text(waits.map(|waits| waits.rule.clone())),
                Cell::maybe_money(waits.and_then(|waits| waits.limit)),
                Cell::maybe_text(waits.and_then(|waits| waits.rule_since)),
                Cell::Number(at.get()),
            ]);
        }
        Ok(rows.print(self.read.format)?)
    }

    fn tell_times(self) -> Result<(), CliError> {
        let source = self.read.open(&self.moment)?;
        let told = source.sign_off_times(self.by.into(), self.moment.as_at())?;
        let at = told.position;
        let mut rows = Rows::new(format!("Sign-off took, as at position {at}"), TIMES_COLUMNS);
        for row in told.rows {
            let SignOffTimeRow { year, month, step, tier, approver, signatures, .. } = row;
            rows.push(vec![
                Cell::text(year),
                Cell::text(month),
                Cell::Number(u64::from(step)),
                Cell::text(tier),
                Cell::maybe_text(approver),
                Cell::Number(signatures),
                Cell::Decimal(row.total),
                Cell::Decimal(row.average),
                Cell::Decimal(row.longest),
                Cell::Number(at.get()),
            ]);
        }
        Ok(rows.print(self.read.format)?)
    }

    fn tell_if_all_were_posted(self) -> Result<(), CliError> {
        let told = self.read.open(&self.moment)?.if_all_were_posted(self.moment.as_at())?;
        let at = told.position;
        let caption = format!("If all that waits for sign-off at position {at} were posted");
        let mut rows = Rows::new(caption, CHANGE_COLUMNS);
        for Change { account, figure, before, after } in told.rows {
            rows.push(vec![
                Cell::Text(account),
                Cell::Text(figure),
                Cell::Money(before),
                Cell::Money(after.minus(before)),
                Cell::Money(after),
                Cell::Number(at.get()),
            ]);
        }
        Ok(rows.print(self.read.format)?)
    }
}
