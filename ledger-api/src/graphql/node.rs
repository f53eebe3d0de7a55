//! Anything that has a global id.

use async_graphql::{Context, ID, Interface, Object, Result};
use ledger_core::domain::position::Position;

use super::body::Body;
use super::entry::Entry;
use super::fund::Fund;
use super::line::BudgetLine;
use super::page;
use super::programme::Programme;
use super::scalars;
use super::view::{AsAt, Root, View};
use super::year::BudgetYear;

/// Anything that has a global id, by which it can be asked for again.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id."))]
pub(super) enum Node {
    /// A programme.
    Programme(Programme),
    /// A body.
    Body(Body),
    /// A fund.
    Fund(Fund),
    /// A budget line.
    BudgetLine(BudgetLine),
    /// A financial year.
    BudgetYear(BudgetYear),
    /// An entry.
    Entry(Entry),
}

impl Node {
    async fn find(view: &View, id: &str) -> Result<Option<Self>> {
        if let Some(position) = id.strip_prefix("Entry:") {
            let Ok(position) = position.parse::<Position>() else { return Ok(None) };
            return Ok(Entry::find(view, position).await?.map(Node::Entry));
        }
        Ok(Self::of_register(view, id))
    }

    fn of_register(view: &View, id: &str) -> Option<Self> {
        let (kind, key) = id.split_once(':')?;
        match kind {
            "Programme" => Programme::find(view, key.parse().ok()?).map(Node::Programme),
            "Body" => Body::find(view, key.parse().ok()?).map(Node::Body),
            "Fund" => Fund::find(view, key.parse().ok()?).map(Node::Fund),
            "BudgetLine" => BudgetLine::find(view, key.parse().ok()?).map(Node::BudgetLine),
            "BudgetYear" => BudgetYear::find(view, key.parse().ok()?, None).map(Node::BudgetYear),
            _ => None,
        }
    }
}

#[derive(Default)]
pub(super) struct NodeQuery(pub(super) Root);

#[Object]
impl NodeQuery {
    /// Whatever has this global id; null where nothing had it then.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn node(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its global id, as another answer gave it.")] id: ID,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<Node>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Node::find(&view, &id).await
    }
}
