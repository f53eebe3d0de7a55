//! Signing in: a key or token becomes a principal, or is refused with the reason.
//!
//! Reading order: `refused` has the refusals. [`key`], [`keys`], `keys_file` and [`keyring`] are the
//! keys of a data folder; [`oidc`] checks tokens of a sign-in service by its [`jwks`] and
//! `signatures`; [`demo`] has
//! the fixed keys of a demo. `methods` chooses among them, and [`authenticator`] records each sign-in.

pub mod authenticator;
pub mod demo;
pub mod jwks;
pub mod key;
pub mod keyring;
pub mod keys;
mod keys_file;
mod methods;
pub mod oidc;
mod refused;
mod signatures;

pub use methods::SignIn;
pub use refused::Refused;
