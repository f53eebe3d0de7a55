//! real data
