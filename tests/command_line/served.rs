//! A server process on a desk's book.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::program::{Answer, Desk};

/// A server on the book of a desk, killed where a test does not stop it.
pub(crate) struct Served<'d> {
    desk: &'d Desk,
    process: Child,
    /// Where it listens.
    pub(crate) address: String,
}

impl<'d> Served<'d> {
    pub(crate) fn on(desk: &'d Desk) -> Self {
        Served::at(desk, "127.0.0.1:0")
    }

    /// On an address that has served before.
    pub(crate) fn at(desk: &'d Desk, address: &str) -> Self {
        let mut command =
            desk.command(&format!("serve --data ledger-data --without-sign-in --listen {address}"));
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(process.stderr.take().unwrap()).lines();
        let listening = |line: String| {
            let address = line.strip_prefix("Listening on http://")?.split_once('/')?.0;
            Some(address.to_owned())
        };
        let address = told.by_ref().map(Result::unwrap).find_map(listening).expect("an address");
        told.by_ref().map(Result::unwrap).find(|line| line.contains("ready")).expect("ready");
        // It goes on writing its log, which nobody is to wait for.
        std::thread::spawn(move || told.for_each(drop));
        Served { desk, process, address }
    }

    /// The arguments with those that name this server.
    pub(crate) fn asking(&self, arguments: &str) -> String {
        format!("{arguments} --server http://{}", self.address)
    }

    /// Runs the program against it.
    pub(crate) fn run(&self, arguments: &str) -> Answer {
        self.desk.run(&self.asking(arguments))
    }

    pub(crate) fn does(&self, arguments: &str) -> Answer {
        self.desk.does(&self.asking(arguments))
    }

    /// Stops it cleanly.
    pub(crate) fn stop(mut self) {
        interrupt(&self.process, "TERM");
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Served<'_> {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Sends a signal by its name.
pub(crate) fn interrupt(process: &Child, signal: &str) {
    let arguments = [format!("-{signal}"), process.id().to_string()];
    assert!(Command::new("kill").args(arguments).status().unwrap().success());
}
