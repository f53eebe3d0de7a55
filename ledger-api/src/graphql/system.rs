//! Systems: which provider overspends lack an offset, and the regime their system is under.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use ledger_core::domain::sign_off;
use projections::systems::Standing;

use super::page;
use super::scalars::{self, LogPosition, MoneyGbp};
use super::view::{AsAt, View};

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

#[derive(Debug, Default)]
pub(super) struct SystemQuery;

#[Object]
impl SystemQuery {
    /// The integrated care systems, how each stands in a year, and which overspends of its providers
    /// lack a compensating offset: for those who read the whole book.
    #[graphql(complexity = "page::one(page::times(42, child_complexity))")]
    async fn systems(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Vec<System>> {
        let view = View::open(context, as_at, at_least_position).await?;
        if view.is_partial() {
            return Ok(Vec::new());
        }
        let systems = view.models().systems(year.0, view.position());
        let told = |(icb, standing): (_, Standing)| {
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
            System { icb: scalars::Body(icb), regime: standing.regime.into(), deteriorations }
        };
        Ok(systems.into_iter().map(told).collect())
    }
}
