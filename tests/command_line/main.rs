//! The program as people and scripts run it: a process, its arguments, files, output and exit code.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing helper fails its test")]

mod amounts;
mod analyses;
mod calendar;
mod claims;
mod clocks;
mod endings;
mod files;
mod flows;
mod folders;
mod formats;
mod gallery;
mod meanings;
mod outcomes;
mod policies;
mod posted_files;
mod posting;
mod program;
mod putting_right;
mod questions;
mod sample;
mod sample_illustration;
mod served;
mod server;
mod shown;
mod watch;
mod what_if;
