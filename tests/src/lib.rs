//! What the tests and benchmarks share: generated books, a disk that loses power, an oracle.

pub mod generate;
pub mod measure;
