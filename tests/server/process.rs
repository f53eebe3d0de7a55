//! A server process, and how to talk to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::client::IntoClientRequest;
use tungstenite::http::Request;
use tungstenite::protocol::CloseFrame;
use tungstenite::{Message, WebSocket};

/// Longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running server, killed where a test does not stop it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// What signs in, unless a request says otherwise.
    pub(crate) authorization: Option<String>,
    log: Mutex<mpsc::Receiver<String>>,
    /// Where it keeps what it would remove at its end, which a kill does not let it.
    pub(crate) temporary: TempDir,
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The stable name of the first error.
    pub(crate) fn code(&self) -> String {
        let body = self.json();
        body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// The program with arguments, and no settings from around it.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ledger-under-test"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BUDGET_LEDGER_")) {
        command.env_remove(name);
    }
    command.args(arguments);
    command
}

impl Server {
    /// A demo, with further arguments.
    pub(crate) fn demo(arguments: &[&str]) -> Self {
        let first = ["serve", "--demo", "--listen", "127.0.0.1:0"];
        Self::start(program(&[&first, arguments].concat()))
    }

    /// A server on a data folder, without sign-in, with further arguments.
    pub(crate) fn on(data: &Path, arguments: &[&str]) -> Self {
        Self::start(Self::command_on(data, arguments))
    }

    pub(crate) fn command_on(data: &Path, arguments: &[&str]) -> Command {
        let data = data.to_str().unwrap();
        let first = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--without-sign-in"];
        program(&[&first, arguments].concat())
    }

    /// Starts a server and waits until it is ready.
    pub(crate) fn start(command: Command) -> Self {
        let server = Self::starting(command);
        assert_eq!(server.get("/health").status, 200, "{:?}", server.log());
        server
    }

    /// Starts a server and waits until its book is open.
    pub(crate) fn starting(mut command: Command) -> Self {
        let is_demo = command.get_args().any(|argument| argument == "--demo");
        let authorization = is_demo.then(|| "Bearer demo-preparer".to_owned());
        let temporary = tempfile::tempdir().unwrap();
        command.env("TMPDIR", temporary.path());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (tell, log) = mpsc::channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                drop(tell.send(line));
            }
        });
        let address = loop {
            let line = log.recv_timeout(PATIENCE).expect("it says where it listens");
            if let Some(rest) = line.strip_prefix("Listening on http://") {
                let (address, _) = rest.split_once('/').unwrap();
                break address.parse().unwrap();
            }
        };
        let log = Mutex::new(log);
        let server = Server { child, address, authorization, log, temporary };
        while server.get("/health").json()["status"] == "opening" {
            thread::sleep(Duration::from_millis(10));
        }
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends any request.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let mut request = ureq::http::Request::builder().method(method).uri(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let said = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        if let Some(authorization) = self.authorization.as_ref().filter(|_| !said) {
            request = request.header("authorization", authorization);
        }
        let mut response = if body.is_empty() && method != "POST" {
            agent.run(request.body(()).unwrap()).unwrap()
        } else {
            agent.run(request.body(body.to_owned()).unwrap()).unwrap()
        };
        let text = |(name, value): (&ureq::http::HeaderName, &ureq::http::HeaderValue)| {
            (name.as_str().to_owned(), value.to_str().unwrap().to_owned())
        };
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().iter().map(text).collect(),
            text: response.body_mut().read_to_string().unwrap(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    /// Posts a body as JSON to /graphql.
    pub(crate) fn post(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.send("POST", "/graphql", &headers, body)
    }

    /// Asks a query, or posts by a mutation.
    pub(crate) fn ask(&self, query: &str, variables: &Value) -> Value {
        let answer = self.post(&json!({ "query": query, "variables": variables }).to_string(), &[]);
        let body = answer.json();
        assert_eq!(body.get("errors"), None, "{body}");
        body["data"].clone()
    }

    /// Registers a body, which is one entry; gives its position.
    pub(crate) fn register(&self, code: &str) -> u64 {
        let data = self.ask(REGISTER, &registration(code));
        let payload = &data["registerBody"];
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        payload["position"].as_str().unwrap().parse().unwrap()
    }

    /// The value of a metric, labels included in its name.
    pub(crate) fn metric(&self, name: &str) -> Option<f64> {
        self.metric_for(&self.watcher(), name)
    }

    /// The value of a metric, asked with these headers.
    pub(crate) fn metric_for(&self, headers: &[(&str, &str)], name: &str) -> Option<f64> {
        let text = self.send("GET", "/metrics", headers, "").text;
        let line = text
            .lines()
            .find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
        line.map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
    }

    /// What lets read metrics: in a demo, the key of an auditor.
    pub(crate) fn watcher(&self) -> Vec<(&str, &str)> {
        let key = ("authorization", "Bearer demo-auditor");
        self.authorization.iter().map(|_| key).collect()
    }

    /// Waits until a metric has this value: what another connection causes takes a moment.
    #[track_caller]
    pub(crate) fn metric_reaches(&self, name: &str, value: f64) {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let now = self.metric(name);
            if now == Some(value) {
                return;
            }
            assert!(Instant::now() < until, "{name} is {now:?}, not {value}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// A socket, not begun yet.
    pub(crate) fn socket(&self) -> Socket {
        self.socket_by(|_| {}).unwrap()
    }

    /// A socket by a request that may be changed, or the answer that refused it.
    pub(crate) fn socket_by(&self, change: impl FnOnce(&mut Request<()>)) -> Result<Socket, u16> {
        let mut request = format!("ws://{}/graphql", self.address).into_client_request().unwrap();
        let protocol = "graphql-transport-ws".parse().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        change(&mut request);
        let stream = self.connect();
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Socket { socket }),
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(response))) => {
                Err(response.status().as_u16())
            }
            // A client that named no protocol may find that the server names none either.
            Err(error) => panic!("{error}"),
        }
    }

    /// A socket that has begun.
    pub(crate) fn begun(&self) -> Socket {
        let mut socket = self.socket();
        socket.say(&match &self.authorization {
            Some(sent) => {
                json!({ "type": "connection_init", "payload": { "authorization": sent } })
            }
            None => json!({ "type": "connection_init" }),
        });
        assert_eq!(socket.hear(), json!({ "type": "connection_ack" }));
        socket
    }

    /// A bare connection.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Waits for the end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        for _ in 0..PATIENCE.as_millis() / 10 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end");
    }

    /// Waits for a line of the log with this text.
    #[track_caller]
    pub(crate) fn log_line(&self, text: &str) -> String {
        let log = self.log.lock().unwrap();
        loop {
            let line = log.recv_timeout(PATIENCE).expect("a line with the text");
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The lines logged so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().try_iter().collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// One entry's worth of a mutation.
pub(crate) const REGISTER: &str = "mutation Register($input: RegisterBodyInput!) { registerBody(input: $input) { position replayed userErrors { code } } }";

pub(crate) fn registration(code: &str) -> Value {
    json!({ "input": {
        "code": code, "name": "An organisation", "kind": "TRUST",
        "reason": "A test", "idempotencyKey": format!("register-{code}"),
    }})
}

/// The client's end of a socket.
pub(crate) struct Socket {
    pub(crate) socket: WebSocket<TcpStream>,
}

impl Socket {
    pub(crate) fn say(&mut self, message: &Value) {
        self.say_text(&message.to_string());
    }

    pub(crate) fn say_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).unwrap();
    }

    pub(crate) fn subscribe(&mut self, id: &str, query: &str, variables: &Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(&json!({ "id": id, "type": "subscribe", "payload": payload }));
    }

    /// The next message.
    pub(crate) fn hear(&mut self) -> Value {
        loop {
            match self.socket.read().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other @ (Message::Binary(_) | Message::Close(_) | Message::Frame(_)) => {
                    panic!("{other:?}")
                }
            }
        }
    }

    /// The frame that closes the socket, whatever comes before it.
    pub(crate) fn close(&mut self) -> CloseFrame {
        loop {
            if let Message::Close(frame) = self.socket.read().unwrap() {
                return frame.expect("a close frame says why");
            }
        }
    }
}

/// What a bare connection answers, up to its end or to the patience of the test.
pub(crate) fn read_all(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    drop(stream.read_to_end(&mut text));
    String::from_utf8_lossy(&text).into_owned()
}

pub(crate) fn write(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).unwrap();
}
