//! Parts of commands: amounts with their accounts, and where a cut returns money.

use serde::{Deserialize, Serialize};

use crate::domain::code::FundCode;
use crate::domain::line::LineKey;
use crate::domain::money::{Pence, pounds};
use crate::domain::position::Position;

/// An amount for a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LineAmount {
    /// The line.
    pub line: LineKey,
    /// The amount, in pounds.
    #[serde(with = "pounds")]
    pub amount: Pence,
}

/// An amount for a fund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FundAmount {
    /// The fund.
    pub fund: FundCode,
    /// The amount, in pounds.
    #[serde(with = "pounds")]
    pub amount: Pence,
}

/// One month's part of a phased forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhasedAmount(#[serde(with = "pounds")] pub Pence);

/// Where a cut returns money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReturnTo {
    /// To the Treasury: out of the book.
    Treasury,
    /// To a fund, in the line's class.
    Fund(FundCode),
}

/// A proposal, with the version that the approver read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProposalVersion {
    /// The proposal.
    pub proposal: Position,
    /// The version.
    pub version: u32,
}
