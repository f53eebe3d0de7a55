//! Access: who a caller is, and what they may do.
//!
//! Reading order: [`identity`] has principals and their grants; [`gate`] judges every right, for the
//! server and the command line alike; [`log`] records sign-ins and refusals; [`tls`] encrypts
//! connections; [`sign_in`] turns a key or token into a principal; [`second_person`] starts the
//! policy of a book of several people; [`keyed_book`] makes the gate's lookups in an open book and
//! its keys. Each module uses only those before it.

pub mod gate;
pub mod identity;
pub mod keyed_book;
pub mod log;
pub mod second_person;
pub mod sign_in;
pub mod tls;
