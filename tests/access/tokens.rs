//! Tokens of a sign-in service: each kind of wrong token is refused with its own code and recorded
//! in the access log.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use ring::{hmac, rsa};
use serde_json::{Value, json};

use crate::desk::{Desk, bearer, counted};
use crate::process::{REGISTER, Server, program, registration};

/// An Ed25519 key for these tests only, in PKCS 8.
const SECRET: [u8; 48] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    0xeb, 0xbc, 0x4b, 0x7e, 0x3c, 0x20, 0xb9, 0x0c, 0x08, 0x2e, 0x08, 0xed, 0x73, 0x2d, 0x69, 0xdc,
    0x5d, 0xa9, 0xd5, 0xce, 0x9e, 0xf3, 0x7c, 0x51, 0x8e, 0x66, 0x1f, 0x8a, 0xd8, 0x0f, 0x4c, 0x27,
];

/// Its public half, as in a JWK set.
const PUBLIC: &str = "L0f7eXP0hiM3ZBmz79rDdhRd5hpGXmwu9Tia9fUuZ6k";

/// `{"alg":"none","kid":"k1","typ":"JWT"}`.
const ALG_NONE: &str = "eyJhbGciOiJub25lIiwia2lkIjoiazEiLCJ0eXAiOiJKV1QifQ";

const ISSUER: &str = "https://sign-in.example";

/// The first second of 2100, and of 2000.
const FAR: u64 = 4_102_444_800;
const PAST: u64 = 946_684_800;

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "budget-ledger", "sub": "pia", "exp": FAR, "roles": ["BL.Preparer"],
    })
}

/// The claims with one changed or removed.
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
    token(&json!({ "alg": "EdDSA", "kid": kid }), claims, signed_by_ed25519)
}

fn signed_by_ed25519(message: &[u8]) -> Vec<u8> {
    let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&SECRET).unwrap();
    key.sign(message).as_ref().to_vec()
}

/// A JWT, built without the server's library.
fn token(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| base64url(value.to_string().as_bytes());
    let message = format!("{}.{}", part(header), part(claims));
    format!("{message}.{}", base64url(&sign(message.as_bytes())))
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn serve(desk: &Desk) -> Server {
    let key = json!({
        "kty": "OKP", "crv": "Ed25519", "x": PUBLIC, "kid": "k1", "alg": "EdDSA", "use": "sig",
    });
    serve_with(desk, &["EdDSA"], &json!({ "keys": [key] }))
}

fn serve_with(desk: &Desk, algorithms: &[&str], keys: &Value) -> Server {
    let jwks = desk.path().join("jwks.json");
    std::fs::write(&jwks, keys.to_string()).unwrap();
    let settings = desk.path().join("settings.toml");
    let text = format!(
        "[oidc]\nissuer = '{ISSUER}'\naudience = 'budget-ledger'\nalgorithms = {algorithms:?}\n\
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
    assert_eq!(answer.json()["data"]["entry"]["actor"], "pia", "keys sign in as well");
}

#[test]
fn each_wrong_token_is_refused_with_its_code_and_is_in_the_access_log() {
    let desk = Desk::new();
    let ned = desk.key("ned", "--role auditor");
    let mut server = serve(&desk);
    let good = signed(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let other = signed(&with("sub", json!("eve")));
    let others: Vec<&str> = other.split('.').collect();
    let by_public_key = token(&json!({ "alg": "HS256", "kid": "k1" }), &claims(), |message| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, PUBLIC.as_bytes());
        hmac::sign(&key, message).as_ref().to_vec()
    });
    let without_id = token(&json!({ "alg": "EdDSA" }), &claims(), signed_by_ed25519);
    let cases = [
        ("expired", signed(&with("exp", json!(PAST))), "EXPIRED"),
        ("not yet valid", signed(&with("nbf", json!(FAR))), "NOT_YET_VALID"),
        ("another audience", signed(&with("aud", json!("payroll"))), "WRONG_AUDIENCE"),
        ("another issuer", signed(&with("iss", json!("https://x.example"))), "WRONG_ISSUER"),
        ("no algorithm", format!("{ALG_NONE}.{}.", parts[1]), "ALGORITHM_REFUSED"),
        ("the public key as a secret", by_public_key, "ALGORITHM_REFUSED"),
        ("an unknown key id", signed_by("k2", &claims()), "UNKNOWN_KEY_ID"),
        ("no key id", without_id, "UNKNOWN_KEY_ID"),
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
    // Equal refusals are counted together, and the sums are written when the server stops.
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let log = desk.access_log(&ned.token);
    let refused = log.iter().filter(|(what, _)| what == "signInRefused");
    let mut recorded: Vec<&str> = Vec::new();
    for (_, particulars) in refused {
        let (code, times) = counted(particulars);
        recorded.extend(std::iter::repeat_n(code, times));
    }
    let mut wanted: Vec<&str> = cases.iter().map(|(_, _, code)| *code).collect();
    recorded.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(recorded, wanted);
}

/// A 2048-bit RSA key for these tests only, in PKCS 8.
const RSA: &[u8] = include_bytes!("../fixtures/rsa-2048.pk8");

#[test]
fn a_signature_is_verified_only_with_its_own_key_and_algorithm() {
    let desk = Desk::new();
    let random = SystemRandom::new();
    let rsa_key = RsaKeyPair::from_pkcs8(RSA).unwrap();
    let numbers: rsa::PublicKeyComponents<Vec<u8>> = rsa_key.public().into();
    let curves = [
        ("ES256", "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING),
        ("ES384", "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING),
    ]
    .map(|(algorithm, curve, signing)| {
        let made = EcdsaKeyPair::generate_pkcs8(signing, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(signing, made.as_ref(), &random).unwrap();
        (algorithm, curve, key)
    });
    let mut keys = vec![
        public("EdDSA"),
        json!({
            "kty": "RSA", "kid": "RSA", "use": "sig",
            "n": base64url(&numbers.n), "e": base64url(&numbers.e),
        }),
    ];
    for (algorithm, curve, key) in &curves {
        let point = &key.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        keys.push(json!({
            "kty": "EC", "crv": curve, "kid": algorithm, "x": base64url(x), "y": base64url(y),
        }));
    }
    let schemes: [(&str, &dyn RsaEncoding); 6] = [
        ("RS256", &RSA_PKCS1_SHA256),
        ("RS384", &RSA_PKCS1_SHA384),
        ("RS512", &RSA_PKCS1_SHA512),
        ("PS256", &RSA_PSS_SHA256),
        ("PS384", &RSA_PSS_SHA384),
        ("PS512", &RSA_PSS_SHA512),
    ];
    let sign = |algorithm: &str, message: &[u8]| {
        if let Some((_, scheme)) = schemes.iter().find(|(name, _)| *name == algorithm) {
            let mut signature = vec![0; rsa_key.public().modulus_len()];
            rsa_key.sign(*scheme, &random, message, &mut signature).unwrap();
            return signature;
        }
        match curves.iter().find(|(name, ..)| *name == algorithm) {
            Some((.., key)) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            None => signed_by_ed25519(message),
        }
    };
    let algorithms =
        ["EdDSA", "ES256", "ES384", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"];
    let server = serve_with(&desk, &algorithms, &json!({ "keys": keys }));
    let ask = |alg: &str, kid: &str, signed_as: &str| {
        let sent = token(&json!({ "alg": alg, "kid": kid }), &claims(), |m| sign(signed_as, m));
        let answer =
            server.post(r#"{"query":"{ledger{head}}"}"#, &[("authorization", &bearer(&sent))]);
        (answer.status, if answer.status == 200 { String::new() } else { answer.code() })
    };
    for algorithm in algorithms {
        let kid =
            if schemes.iter().any(|(name, _)| *name == algorithm) { "RSA" } else { algorithm };
        assert_eq!(ask(algorithm, kid, algorithm), (200, String::new()), "{algorithm}");
        for other in algorithms.iter().filter(|other| **other != algorithm) {
            let refused = (401, "BAD_SIGNATURE".to_owned());
            assert_eq!(ask(algorithm, kid, other), refused, "{other} as {algorithm}");
        }
    }
    assert_eq!(ask("ES256", "ES384", "ES256"), (401, "BAD_SIGNATURE".to_owned()));
    assert_eq!(ask("RS256", "ES256", "RS256"), (401, "MALFORMED_TOKEN".to_owned()));
}

#[test]
fn a_key_changed_under_its_id_is_read_at_once_and_its_use_and_algorithm_count() {
    let desk = Desk::new();
    let server = serve(&desk);
    let random = SystemRandom::new();
    let made = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
    let other = Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap();
    let ask = |signed: &str| {
        let query = r#"{"query":"{ledger{head}}"}"#;
        let answer = server.post(query, &[("authorization", &bearer(signed))]);
        if answer.status == 200 { String::new() } else { answer.code() }
    };
    let head = json!({ "alg": "EdDSA", "kid": "k1" });
    let by_other = token(&head, &claims(), |message| other.sign(message).as_ref().to_vec());
    assert_eq!(ask(&signed(&claims())), "");
    let jwks = desk.path().join("jwks.json");
    let changed = |name: &str, value: &str| {
        let mut key = public("k1");
        key["x"] = json!(base64url(other.public_key().as_ref()));
        key[name] = json!(value);
        std::fs::write(&jwks, json!({ "keys": [key] }).to_string()).unwrap();
    };
    changed("use", "sig");
    assert_eq!(ask(&by_other), "", "the key has changed under its id");
    assert_eq!(ask(&signed(&claims())), "BAD_SIGNATURE", "the old key is gone");
    drop(server);
    for (name, value, code) in
        [("use", "enc", "UNKNOWN_KEY_ID"), ("alg", "ES256", "ALGORITHM_REFUSED")]
    {
        let mut key = public("k1");
        key[name] = json!(value);
        let server = serve_with(&desk, &["EdDSA", "ES256"], &json!({ "keys": [key] }));
        let sent = bearer(&signed(&claims()));
        let answer = server.post(r#"{"query":"{ledger{head}}"}"#, &[("authorization", &sent)]);
        assert_eq!(answer.code(), code, "{name} {value}");
    }
}

#[test]
fn a_service_with_a_shared_secret_is_not_trusted() {
    let desk = Desk::new();
    drop(serve(&desk));
    let settings = desk.path().join("settings.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let (data, file) = (desk.path().to_str().unwrap(), settings.to_str().unwrap());
    for (algorithms, says) in [("['HS256']", "shared secret"), ("[]", "oidc.algorithms is empty")] {
        std::fs::write(&settings, text.replace(r#"["EdDSA"]"#, algorithms)).unwrap();
        let arguments = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--config", file];
        let output = program(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{algorithms}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(says), "{said}");
    }
}

/// Serves the present keys over plain HTTP on this machine.
fn serve_keys(keys: std::sync::Arc<std::sync::Mutex<Value>>) -> String {
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
fn changed_service_keys_are_fetched_again_and_claims_limit_the_granted_role() {
    let desk = Desk::new();
    let served = std::sync::Arc::new(std::sync::Mutex::new(json!({ "keys": [public("k1")] })));
    let url = serve_keys(std::sync::Arc::clone(&served));
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
            "no limit and so no grant"
        );
    }
    *served.lock().unwrap() = json!({ "keys": [{ "kty": "new" }, public("k2")] });
    let changed = signed_by("k2", &trust);
    assert_eq!(ask(&changed), json!("UNKNOWN_KEY_ID"), "not fetched again so soon");
    assert_eq!(ask(&signed(&trust)), json!(true), "the previous keys stay in force");
    std::thread::sleep(std::time::Duration::from_secs(10));
    assert_eq!(ask(&changed), json!(true));
    assert_eq!(ask(&signed(&trust)), json!("UNKNOWN_KEY_ID"), "the old key is gone");
}
