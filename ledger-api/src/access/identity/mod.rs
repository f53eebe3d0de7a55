//! Identity: principals and what they were granted.
//!
//! Reading order: [`role`], [`grant`] (a role and its reach), [`principal`].

pub mod grant;
pub mod principal;
pub mod role;
