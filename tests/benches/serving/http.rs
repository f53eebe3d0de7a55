//! A small HTTP client with keep-alive. A full client would cost more than the server.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A request to /graphql, as sent over the wire.
pub(crate) fn request(body: &str) -> Vec<u8> {
    format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/graphql-response+json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

impl Connection {
    pub(crate) async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Connection { stream, buffer: Vec::with_capacity(1 << 16) }
    }

    /// Sends a request and returns the body of the response.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> &[u8] {
        self.stream.write_all(request).await.unwrap();
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await.unwrap();
            assert!(read > 0, "the server closed: {}", String::from_utf8_lossy(&self.buffer));
            if let Some((start, end)) = body_of(&self.buffer)
                && self.buffer.len() >= end
            {
                assert!(self.buffer.starts_with(b"HTTP/1.1 200"), "{}", self.said());
                return &self.buffer[start..end];
            }
        }
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.buffer).into_owned()
    }
}

/// The start and end of the body, once the head has arrived.
fn body_of(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    let start = head + 4;
    Some((start, start + length.parse::<usize>().ok()?))
}
