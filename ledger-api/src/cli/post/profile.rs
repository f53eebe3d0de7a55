//! `budget-ledger profile`

use std::str::FromStr;

use clap::Args;
use ledger_core::domain::command::SetProfile;
use ledger_core::domain::line::LineKey;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Set how a line's budget spreads over the months.
#[derive(Args)]
pub(crate) struct Profile {
    /// The line, such as CYBER/XDH/2018-19/unsplit: programme, body, year and class.
    line: LineKey,
    /// Twelve whole weights, April to March: 1,1,1,1,1,1,1,1,1,1,1,3 puts more in March.
    #[arg(value_name = "WEIGHT,WEIGHT,...")]
    weights: Weights,
    #[command(flatten)]
    posting: PostingArgs,
}

/// Twelve weights.
#[derive(Clone, Copy)]
struct Weights(ledger_core::domain::profile::Profile);

impl FromStr for Weights {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let weight = |part: &str| {
            let weight = part.trim().parse::<u16>();
            weight.map_err(|_| {
                format!("\"{part}\" is not a weight: write a whole number from 0 to {}", u16::MAX)
            })
        };
        let weights = text.split(',').map(weight).collect::<Result<Vec<u16>, String>>()?;
        let count = weights.len();
        let weights: [u16; 12] = weights
            .try_into()
            .map_err(|_| format!("these are {count} weights: give twelve, April to March"))?;
        let profile = ledger_core::domain::profile::Profile::new(weights);
        profile.map(Weights).map_err(|error| error.to_string())
    }
}

impl Profile {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Profile { line, weights: Weights(profile), posting } = self;
        write::post(SetProfile { line, profile }.into(), posting)
    }
}
