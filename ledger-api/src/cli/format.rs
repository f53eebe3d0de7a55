//! The format of an answer, as arguments choose it.

use clap::{ArgMatches, Args, Command, FromArgMatches, ValueEnum};

/// How to write an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// For people.
    #[default]
    Table,
    /// For people, with what is the same in every row above the table.
    Compact,
    /// One array.
    Json,
    /// One object a line.
    Jsonl,
    /// With a header line, exact pounds and pence.
    Csv,
}

impl Format {
    /// Whether a person reads it.
    pub(super) const fn is_table(self) -> bool {
        matches!(self, Format::Table | Format::Compact)
    }
}

/// The arguments of a format.
#[derive(Args)]
struct FormatArgs {
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t)]
    format: FormatArg,
    /// In a table, show what is the same in every row once, above it.
    #[arg(long)]
    compact: bool,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum FormatArg {
    /// For people.
    #[default]
    Table,
    /// One array.
    Json,
    /// One object a line.
    Jsonl,
    /// With a header line, exact pounds and pence.
    Csv,
}

impl FromArgMatches for Format {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let FormatArgs { format, compact } = FormatArgs::from_arg_matches(matches)?;
        Ok(match (format, compact) {
            (FormatArg::Table, false) => Format::Table,
            (FormatArg::Table, true) => Format::Compact,
            (FormatArg::Json, _) => Format::Json,
            (FormatArg::Jsonl, _) => Format::Jsonl,
            (FormatArg::Csv, _) => Format::Csv,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Format {
    fn augment_args(command: Command) -> Command {
        FormatArgs::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        FormatArgs::augment_args_for_update(command)
    }
}
