//! Access: who somebody is, and what they may do.
//!
//! Reading order: [`role`], [`grant`], [`principal`], then [`gate`], the one place where a right is
//! judged whatever the face; [`named`] tells what a command names, and [`delegated`] which delegations
//! still count. [`sign_in`] makes principals of what was sent: [`demo`] holds the fixed keys of a
//! demo, [`keys`] and [`keyring`] those of a data folder, and [`oidc`] checks tokens of a sign-in
//! service by its [`jwks`]. [`record`], [`trail`] and [`log`] write down who was there, and [`rate`]
//! bounds what each may ask for.

pub mod delegated;
pub mod demo;
pub mod entrance;
pub mod gate;
pub mod grant;
pub mod jwks;
pub mod keyring;
pub mod keys;
pub mod known;
pub mod log;
pub mod named;
pub mod oidc;
pub mod principal;
pub mod rate;
pub mod record;
pub mod role;
pub mod sign_in;
pub mod trail;
