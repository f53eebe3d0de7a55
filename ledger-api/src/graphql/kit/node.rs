//! Nodes: objects with a global id.

use async_graphql::{Context, ID, Interface, Object, Result};
use ledger_core::domain::position::Position;

use crate::graphql::budget::line::BudgetLine;
use crate::graphql::budget::year::BudgetYear;
use crate::graphql::kit::page;
use crate::graphql::kit::scalars;
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::log::entry::Entry;
use crate::graphql::register::body::Body;
use crate::graphql::register::fund::Fund;
use crate::graphql::register::programme::Programme;

/// An object with a global id, by which it can be fetched again.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id."))]
pub(crate) enum Node {
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
pub(crate) struct NodeQuery(pub(crate) Root);

#[Object]
impl NodeQuery {
    /// The object with this global id; null where there was none at the moment.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn node(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The global id, from an earlier answer.")] id: ID,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<Node>> {
        let view = self.0.view_on(context, as_at, on, at_least_position).await?;
        Node::find(&view, &id).await
    }
}
