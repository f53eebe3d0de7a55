//! Subscriptions. Start with `subscription`, which wakes on each commit and reads the book again.
//! `analyses` adds the subscriptions to analyses.

pub(crate) mod analyses;
pub(crate) mod event_ids;
pub(crate) mod subscription;
