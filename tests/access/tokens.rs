//! Tokens of a sign-in service: each way in which one can be wrong, refused with its own code, and
//! in the access log.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::desk::{Desk, bearer};
use crate::process::{REGISTER, Server, program, registration};

/// An Ed25519 key that signs nothing but what is here, in PKCS 8.
const SECRET: [u8; 48] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    0xeb, 0xbc, 0x4b, 0x7e, 0x3c, 0x20, 0xb9, 0x0c, 0x08, 0x2e, 0x08, 0xed, 0x73, 0x2d, 0x69, 0xdc,
    0x5d, 0xa9, 0xd5, 0xce, 0x9e, 0xf3, 0x7c, 0x51, 0x8e, 0x66, 0x1f, 0x8a, 0xd8, 0x0f, 0x4c, 0x27,
];

/// Its public half, as a JWK set has it.
const PUBLIC: &str = "L0f7eXP0hiM3ZBmz79rDdhRd5hpGXmwu9Tia9fUuZ6k";

/// `{"alg":"none","kid":"k1","typ":"JWT"}`.
const ALG_NONE: &str = "eyJhbGciOiJub25lIiwia2lkIjoiazEiLCJ0eXAiOiJKV1QifQ";

const ISSUER: &str = "https://sign-in.example";

/// The first second of 2100, and that of 2000.
const FAR: u64 = 4_102_444_800;
const PAST: u64 = 946_684_800;

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "budget-ledger", "sub": "pia", "exp": FAR, "roles": ["BL.Preparer"],
    })
}

/// The claims with one of them changed, or taken out.
fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    let members = claims.as_object_mut().unwrap();
    members.remove(name);
    if !value.is_null() {
        members.insert(name.to_owned(), value);
    }
    claims
}

fn signed(claims: &Value) -> String {
    signed_by("k1", claims)
}

fn signed_by(kid: &str, claims: &Value) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::EdDSA) };
    encode(&header, claims, &EncodingKey::from_ed_der(&SECRET)).unwrap()
}

fn serve(desk: &Desk) -> Server {
    let jwks = desk.path().join("jwks.json");
    let key = json!({
        "kty": "OKP", "crv": "Ed25519", "x": PUBLIC, "kid": "k1", "alg": "EdDSA", "use": "sig",
    });
    std::fs::write(&jwks, json!({ "keys": [key] }).to_string()).unwrap();
    let settings = desk.path().join("settings.toml");
    let text = format!(
        "[oidc]\nissuer = '{ISSUER}'\naudience = 'budget-ledger'\nalgorithms = ['EdDSA']\n\
         jwks-file = '{}'\n\
         [[oidc.roles]]\nvalue = 'BL.Preparer'\nrole = 'preparer'\n\
         [[oidc.roles]]\nvalue = 'BL.Trust'\nrole = 'preparer'\nbodies = ['RXX']\n",
        jwks.display()
    );
    std::fs::write(&settings, text).unwrap();
    let (data, file) = (desk.path().to_str().unwrap(), settings.to_str().unwrap());
    Server::start(program(&["serve", "--data", data, "--listen", "127.0.0.1:0", "--config", file]))
}

#[test]
fn a_token_of_the_service_posts_as_its_subject_within_the_roles_it_maps_to() {
    let desk = Desk::new();
    let server = serve(&desk);
    let body = json!({ "query": REGISTER, "variables": registration("RX9") }).to_string();
    let post = |claims: &Value| {
        let sent = bearer(&signed(claims));
        server.post(&body, &[("authorization", &sent)])
    };
    let none = post(&with("roles", json!(["Something.Else"])));
    assert_eq!((none.status, none.code().as_str()), (403, "FORBIDDEN"));
    let limited = post(&with("roles", json!("BL.Trust")));
    assert_eq!((limited.status, limited.code().as_str()), (403, "FORBIDDEN_SCOPE"));
    let posted = post(&claims()).json();
    assert_eq!(posted["data"]["registerBody"]["userErrors"], json!([]), "{posted}");
    let at = posted["data"]["registerBody"]["position"].as_str().unwrap();
    let query = json!({ "query": format!("{{ entry(position: \"{at}\") {{ actor }} }}") });
    let sent = bearer(&desk.bob);
    let answer = server.post(&query.to_string(), &[("authorization", &sent)]);
    assert_eq!(answer.json()["data"]["entry"]["actor"], "pia", "keys sign in beside it");
}

#[test]
fn each_wrong_token_is_refused_with_its_code_and_is_in_the_access_log() {
    let desk = Desk::new();
    let ned = desk.key("ned", "--role auditor");
    let server = serve(&desk);
    let good = signed(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let other = signed(&with("sub", json!("eve")));
    let others: Vec<&str> = other.split('.').collect();
    let by_public_key = {
        let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::HS256) };
        encode(&header, &claims(), &EncodingKey::from_secret(PUBLIC.as_bytes())).unwrap()
    };
    let without_id =
        encode(&Header::new(Algorithm::EdDSA), &claims(), &EncodingKey::from_ed_der(&SECRET));
    let cases = [
        ("expired", signed(&with("exp", json!(PAST))), "EXPIRED"),
        ("not yet valid", signed(&with("nbf", json!(FAR))), "NOT_YET_VALID"),
        ("another audience", signed(&with("aud", json!("payroll"))), "WRONG_AUDIENCE"),
        ("another issuer", signed(&with("iss", json!("https://x.example"))), "WRONG_ISSUER"),
        ("no algorithm", format!("{ALG_NONE}.{}.", parts[1]), "ALGORITHM_REFUSED"),
        ("the public key as a secret", by_public_key, "ALGORITHM_REFUSED"),
        ("an unknown key id", signed_by("k2", &claims()), "UNKNOWN_KEY_ID"),
        ("no key id", without_id.unwrap(), "UNKNOWN_KEY_ID"),
        ("another's claims", [parts[0], others[1], parts[2]].join("."), "BAD_SIGNATURE"),
        ("no signature", format!("{}.{}.", parts[0], parts[1]), "BAD_SIGNATURE"),
        ("no expiry", signed(&with("exp", Value::Null)), "MALFORMED_TOKEN"),
        ("no audience", signed(&with("aud", Value::Null)), "MALFORMED_TOKEN"),
        ("no issuer", signed(&with("iss", Value::Null)), "MALFORMED_TOKEN"),
        ("no subject", signed(&with("sub", Value::Null)), "MALFORMED_TOKEN"),
        ("nonsense", "nonsense".to_owned(), "MALFORMED_TOKEN"),
        ("an unknown key", "blk_00".to_owned(), "UNKNOWN_KEY"),
    ];
    for (what, token, code) in &cases {
        let sent = bearer(token);
        let answer = server.post(r#"{"query":"{ledger{head}}"}"#, &[("authorization", &sent)]);
        assert_eq!((answer.status, answer.code().as_str()), (401, *code), "{what}");
    }
    std::thread::sleep(std::time::Duration::from_secs(1));
    let log = desk.access_log(&ned.token);
    let refused = log.iter().filter(|(what, _)| what == "signInRefused");
    let told: Vec<&str> = refused.map(|(_, code)| code.as_str()).collect();
    let wanted: Vec<&str> = cases.iter().map(|(_, _, code)| *code).collect();
    assert!(told.ends_with(&wanted), "{told:?}");
}

#[test]
fn a_service_with_a_shared_secret_is_not_trusted() {
    let desk = Desk::new();
    drop(serve(&desk));
    let settings = desk.path().join("settings.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let (data, file) = (desk.path().to_str().unwrap(), settings.to_str().unwrap());
    for (algorithms, says) in [("['HS256']", "shared secret"), ("[]", "no algorithm")] {
        std::fs::write(&settings, text.replace("['EdDSA']", algorithms)).unwrap();
        let arguments = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--config", file];
        let output = program(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{algorithms}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(says), "{said}");
    }
}

/// Tells these keys to whoever asks, over plain HTTP from this machine.
fn tell_keys(keys: std::sync::Arc<std::sync::Mutex<Value>>) -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).unwrap();
            let body = keys.lock().unwrap().to_string();
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length:";
            stream.write_all(format!("{head} {length}\r\n\r\n{body}").as_bytes()).unwrap();
        }
    });
    format!("http://{address}/keys")
}

fn public(kid: &str) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": PUBLIC, "kid": kid, "use": "sig" })
}

#[test]
fn keys_that_the_service_has_changed_are_fetched_again_and_claims_limit_what_is_granted() {
    let desk = Desk::new();
    let told = std::sync::Arc::new(std::sync::Mutex::new(json!({ "keys": [public("k1")] })));
    let url = tell_keys(std::sync::Arc::clone(&told));
    let settings = desk.path().join("settings.toml");
    let text = format!(
        "[oidc]\nissuer = '{ISSUER}'\naudience = 'budget-ledger'\nalgorithms = ['EdDSA']\n\
         jwks-url = '{url}'\n\
         [[oidc.roles]]\nvalue = 'BL.Trust'\nrole = 'viewer'\nbodies-from = 'ods'\n\
         [[oidc.roles]]\nvalue = 'BL.Approver'\nrole = 'approver:icb'\nbody-from = 'ods'\n"
    );
    std::fs::write(&settings, text).unwrap();
    let (data, file) = (desk.path().to_str().unwrap(), settings.to_str().unwrap());
    let server = Server::start(program(&[
        "serve",
        "--data",
        data,
        "--listen",
        "127.0.0.1:0",
        "--config",
        file,
    ]));
    let ask = |token: &str| {
        let query = r#"{"query":"{ ledger { partial } }"}"#;
        let answer = server.post(query, &[("authorization", &bearer(token))]);
        let json = answer.json();
        if answer.status == 200 {
            json["data"]["ledger"]["partial"].clone()
        } else {
            json!(answer.code())
        }
    };
    let claims = |role: &str, ods: Value| {
        let mut claims = with("roles", json!([role]));
        claims.as_object_mut().unwrap().insert("ods".to_owned(), ods);
        claims
    };
    let trust = claims("BL.Trust", json!(["RXX"]));
    assert_eq!(ask(&signed(&trust)), json!(true), "limited to the bodies of the claim");
    assert_eq!(ask(&signed(&claims("BL.Approver", json!("QZ1")))), json!(false));
    for ods in [json!(null), json!([]), json!("not a code")] {
        assert_eq!(
            ask(&signed(&claims("BL.Trust", ods))),
            json!("FORBIDDEN"),
            "no limit, no grant"
        );
    }
    *told.lock().unwrap() = json!({ "keys": [{ "kty": "new" }, public("k2")] });
    let changed = signed_by("k2", &trust);
    assert_eq!(ask(&changed), json!("UNKNOWN_KEY_ID"), "not looked for again so soon");
    assert_eq!(ask(&signed(&trust)), json!(true), "the keys read before stay in force");
    std::thread::sleep(std::time::Duration::from_secs(10));
    assert_eq!(ask(&changed), json!(true));
    assert_eq!(ask(&signed(&trust)), json!("UNKNOWN_KEY_ID"), "the old key is gone");
}
