//! What may be kept: answers that rest on named positions alone.

use super::process::Server;

const FIXED: &str =
    "{ a: financialYear(year: \"2017-18\", asAt: { position: \"60\" }) { position } }";
const NOW: &str = "{ b: financialYear(year: \"2017-18\") { position } }";

fn path(query: &str) -> String {
    let encoded: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
    format!("/graphql?query={encoded}")
}

#[test]
fn an_answer_as_at_a_position_may_be_kept_for_ever() {
    let server = Server::demo(&[]);
    let first = server.get(&path(FIXED));
    assert_eq!(first.header("cache-control"), Some("private, max-age=31536000, immutable"));
    assert_eq!(first.header("vary"), Some("accept, authorization"));
    let tag = first.header("etag").expect("it has a tag").to_owned();
    server.register("AAA");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let again = server.send("GET", &path(FIXED), &[("if-none-match", &known)], "");
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{known}");
        assert_eq!(again.header("vary"), Some("accept, authorization"));
        assert_eq!(again.header("etag"), Some(tag.as_str()));
    }
    let other = server.send("GET", &path(FIXED), &[("if-none-match", "\"other\"")], "");
    assert_eq!((other.status, &other.text), (200, &first.text));
}

#[test]
fn an_answer_as_at_now_may_not_be_kept() {
    let server = Server::demo(&[]);
    let both = format!("{FIXED}{NOW}").replace("}{", "");
    let refused = FIXED.replace("60", "6000");
    for query in [NOW, &both, "{ __typename }", &refused] {
        let answer = server.get(&path(query));
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{query}");
        assert_eq!(answer.header("etag"), None, "{query}");
    }
}
