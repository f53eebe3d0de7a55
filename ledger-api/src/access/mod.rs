//! Access: who somebody is, and what they may do.
//!
//! Reading order: [`role`], [`grant`], [`principal`], then [`gate`], the one place where a right is
//! judged whatever the face; [`named`] tells what a command names, and [`demo`] holds the fixed keys
//! of a demo.

pub mod demo;
pub mod gate;
pub mod grant;
mod known;
pub mod named;
pub mod principal;
pub mod role;
pub mod sign_in;
