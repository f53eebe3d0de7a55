//! Https: a server with a certificate, and clients that believe it or do not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::thread;
use std::time::Duration;

use ledger_tests::demo_head;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use super::process::{PATIENCE, program};

/// A demo that is served encrypted.
struct Encrypted {
    child: Child,
    address: String,
    folder: TempDir,
}

impl Encrypted {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        make_certificates(folder.path());
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (certificate, key) = (file("server.pem"), file("server.key"));
        let arguments = ["serve", "--demo", "--listen", "127.0.0.1:0"];
        let tls = ["--tls-cert", &certificate, "--tls-key", &key];
        let mut command = program(&[&arguments[..], &tls].concat());
        command.env("TMPDIR", folder.path()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let listening = |line: String| {
            Some(line.strip_prefix("Listening on https://")?.split_once('/')?.0.to_owned())
        };
        let address = lines.by_ref().map(Result::unwrap).find_map(listening).expect("an address");
        thread::spawn(move || lines.for_each(drop));
        let server = Encrypted { child, address, folder };
        for _ in 0..PATIENCE.as_millis() / 100 {
            if server.run(&["programme", "list"]).status.success() {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
        server
    }

    fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// Runs a verb against it, believing its authority.
    fn run(&self, arguments: &[&str]) -> Output {
        let (url, ca) = (format!("https://{}", self.address), self.authority());
        let place = ["--server", &url, "--ca", ca.to_str().unwrap()];
        program(&[arguments, &place].concat()).output().unwrap()
    }
}

impl Drop for Encrypted {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A certificate for this machine, its key, and the authority that vouches for it.
fn make_certificates(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("authority.pem", &authority.pem());
    write("server.pem", &certificate.pem());
    write("server.key", &key.serialize_pem());
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_client_that_believes_the_certificate_asks_posts_and_follows() {
    let server = Encrypted::start();
    let listed = server.run(&["programme", "list", "--format", "csv"]);
    assert!(text(&listed.stdout).contains("CYBER"), "{listed:?}");
    let sign_in = ["--token", "demo-preparer"];
    let open = ["programme", "open", "NEW", "A programme", "--reason", "A test"];
    let posted = server.run(&[&open[..], &sign_in].concat());
    assert!(posted.status.success(), "{posted:?}");
    let first = (demo_head() + 1).to_string();
    let last = server.run(&["log", "--from", &first, "--format", "csv"]);
    assert!(text(&last.stdout).contains("demo-preparer"), "{last:?}");
}

#[test]
fn nobody_speaks_to_it_unencrypted_or_without_believing_it() {
    let server = Encrypted::start();
    let url = format!("https://{}", server.address);
    let unbelieved = program(&["programme", "list", "--server", &url]).output().unwrap();
    assert_eq!(unbelieved.status.code(), Some(1), "{unbelieved:?}");
    assert!(text(&unbelieved.stderr).contains("is not reached"), "{unbelieved:?}");
    let mut plain = TcpStream::connect(&server.address).unwrap();
    plain.set_read_timeout(Some(PATIENCE)).unwrap();
    plain.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    drop(plain.read_to_end(&mut answer));
    assert!(!text(&answer).contains("HTTP/1.1"), "{}", text(&answer));
}

#[test]
fn a_certificate_that_is_none_or_stands_alone_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    make_certificates(folder.path());
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (certificate, key, nothing) = (file("server.pem"), file("server.key"), file("nothing.pem"));
    let serve = ["serve", "--demo", "--listen", "127.0.0.1:0"];
    for (tls, says) in [
        (vec!["--tls-cert", &certificate], "give --tls-cert and --tls-key"),
        (vec!["--tls-cert", &key, "--tls-key", &key], "is not a certificate in PEM"),
        (vec!["--tls-cert", &certificate, "--tls-key", &nothing], "is not a private key in PEM"),
    ] {
        let refused = program(&[&serve[..], &tls].concat()).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(text(&refused.stderr).contains(says), "{refused:?}");
    }
}
