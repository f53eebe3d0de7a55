//! Systems: which provider overspends lack an offset, and the regime their system is under.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::sign_off;
use projections::systems::Standing;

use super::page;
use super::scalars::{self, LogPosition, MoneyGbp};
use super::view::{AsAt, Root};

/// Who oversees a system's spending, by what its providers report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "sign_off::Regime")]
pub(super) enum Regime {
    /// No provider reports a deterioration.
    None,
    /// Every deterioration is compensated by other providers of the system: the ICB oversees.
    ProviderDeteriorated,
    /// One is not: the NHS England region oversees.
    SystemDeficit,
}

/// An improvement that compensates part of a deterioration.
#[derive(SimpleObject)]
pub(super) struct Offset {
    /// The provider that improved.
    by: scalars::Body,
    /// How much of it counts.
    amount: MoneyGbp,
}

/// A body whose reported revenue forecast is above its budget.
#[derive(SimpleObject)]
pub(super) struct Deterioration {
    /// The body.
    body: scalars::Body,
    /// By how much.
    amount: MoneyGbp,
    /// What compensates it.
    offsets: Vec<Offset>,
    /// What nothing compensates.
    uncompensated: MoneyGbp,
}

/// An integrated care system in a year.
#[derive(SimpleObject)]
pub(super) struct System {
    /// The ICB.
    icb: scalars::Body,
    /// The regime it is under.
    regime: Regime,
    /// The bodies whose forecasts have deteriorated.
    deteriorations: Vec<Deterioration>,
}

/// Integrated care systems as the caller may read them.
#[derive(SimpleObject)]
pub(super) struct Systems {
    /// Whether there are others: a system is told of to those who may read all of its bodies.
    partial: bool,
    /// The last entry that counts.
    position: LogPosition,
    /// The systems, by the code of their ICB.
    #[graphql(complexity = "page::times(42, child_complexity)")]
    rows: Vec<System>,
}

impl From<(BodyCode, Standing)> for System {
    fn from((icb, standing): (BodyCode, Standing)) -> Self {
        let found = standing.deteriorations.iter().map(|found| Deterioration {
            body: found.body.into(),
            amount: found.pence.into(),
            offsets: found
                .offsets
                .iter()
                .map(|(by, pence)| Offset { by: (*by).into(), amount: (*pence).into() })
                .collect(),
            uncompensated: found.uncompensated().into(),
        });
        let deteriorations = found.collect();
        System { icb: icb.into(), regime: standing.regime.into(), deteriorations }
    }
}

#[derive(Default)]
pub(super) struct SystemQuery(pub(super) Root);

#[Object]
impl SystemQuery {
    /// The integrated care systems, how each stands in a year, and which overspends of its providers
    /// lack a compensating offset.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn systems(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Systems> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let found = view.models().systems(year.0, view.position(), &view.scope);
        let (partial, position) = (found.partial, view.position().into());
        Ok(Systems { partial, position, rows: found.rows.into_iter().map(Into::into).collect() })
    }
}
