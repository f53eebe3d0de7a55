//! Text for people: amounts as they are typed, events and commands in words, bytes as hexadecimal
//! digits.

pub mod amount;
pub mod commands;
pub mod describe;
pub mod hex;
