//! Who may read the files of a book.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::desk::{Desk, bearer};
use super::process::{REGISTER, registration};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// All files and folders below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for one in fs::read_dir(folder).unwrap() {
        let path = one.unwrap().path();
        if path.is_dir() {
            found.extend(below(&path));
        }
        found.push(path);
    }
    found
}

#[test]
fn files_and_folders_are_closed_to_everybody_but_their_owner() {
    let desk = Desk::new();
    let pat = desk.key("pat", "--role preparer");
    fs::set_permissions(desk.path().join("book"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut server = desk.serve();
    let body = serde_json::json!({ "query": REGISTER, "variables": registration("AAA") });
    let answer = server.post(&body.to_string(), &[("authorization", &bearer(&pat.token))]);
    assert_eq!(answer.status, 200, "{answer:?}");
    let check = || {
        let all = below(desk.path());
        for part in ["book/lock", "index", "keys.json", "access/server", "access/cli"] {
            assert!(all.contains(&desk.path().join(part)), "{part} of {all:?}");
        }
        for path in all {
            let expected = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&path), expected, "{}: {:o}", path.display(), mode(&path));
        }
    };
    check();
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    check();
}
