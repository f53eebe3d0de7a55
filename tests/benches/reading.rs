//! Reading a large book: see `posting` for writing one.

fn main() {}
