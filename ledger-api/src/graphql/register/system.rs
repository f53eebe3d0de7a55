//! Systems: which provider overspends lack an offset, and the regime their system is under.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::sign_off;
use projections::systems::Standing;

use crate::graphql::kit::page;
use crate::graphql::kit::scalars::{self, LogPosition, MoneyGbp};
use crate::graphql::kit::view::{AsAt, Root};

/// The oversight regime of a system, set by the forecasts of its providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "sign_off::Regime")]
pub(crate) enum Regime {
    /// No provider reports a deterioration.
    None,
    /// Other providers of the system compensate every deterioration: overseen by the ICB.
    ProviderDeteriorated,
    /// A deterioration is not fully compensated: overseen by the NHS England region.
    SystemDeficit,
}

/// An improvement that compensates part of a deterioration.
#[derive(SimpleObject)]
pub(crate) struct Offset {
    /// The provider that improved.
    by: scalars::Body,
    /// The amount counted.
    amount: MoneyGbp,
}

/// A body whose reported revenue forecast is above its budget.
#[derive(SimpleObject)]
pub(crate) struct Deterioration {
    /// The body.
    body: scalars::Body,
    /// The amount of the change.
    amount: MoneyGbp,
    /// The improvements that compensate it.
    offsets: Vec<Offset>,
    /// The amount not compensated.
    uncompensated: MoneyGbp,
}

/// An integrated care system in a year.
#[derive(SimpleObject)]
pub(crate) struct System {
    /// The ICB.
    icb: scalars::Body,
    /// The oversight regime.
    regime: Regime,
    /// The bodies whose forecasts have deteriorated.
    deteriorations: Vec<Deterioration>,
}

/// The integrated care systems the caller may read.
#[derive(SimpleObject)]
pub(crate) struct Systems {
    /// Whether there are more: a system is shown only to callers who may read all its bodies.
    partial: bool,
    /// The position of the last entry counted.
    position: LogPosition,
    /// The systems, in order of the ICB's code.
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
pub(crate) struct SystemQuery(pub(crate) Root);

#[Object]
impl SystemQuery {
    /// The integrated care systems in a year: the regime of each, and the provider overspends
    /// without an offset.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn systems(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Systems> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let found = view.within(&view.models()).systems(year.0, view.position());
        let (partial, position) = (found.partial, view.position().into());
        Ok(Systems { partial, position, rows: found.rows.into_iter().map(Into::into).collect() })
    }
}
