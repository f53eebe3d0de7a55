//! WebSockets: the handshake, and the messages that come and go.
//!
//! tungstenite copies whatever it writes into a buffer of the socket's own, which grows by doubling
//! and is never given back: thousands of sockets that are told the same would each keep twice the
//! longest of it. So a text is written from the bytes that all who are told it share, and the rest
//! of the protocol is left to tungstenite.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::body::Buf as _;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::BODY_BYTES_MAX;
use super::protocol::PROTOCOL;
use super::refusal::Refusal;

/// A read buffer as small as most messages. Thousands of sockets wait at a time.
const READ_BUFFER_BYTES: usize = 4096;

/// The longest head of a frame that is not masked.
const HEAD_BYTES_MAX: usize = 10;

/// A request that is about to become a socket.
pub(super) struct Handshake {
    upgrade: OnUpgrade,
    spoken: bool,
}

impl Handshake {
    /// Begins it, with the answer that tells the client so.
    pub(super) fn begin(mut request: Request) -> Result<(Self, Response<Body>), Refusal> {
        let mut response = create_response_with_body(&request, Body::empty)
            .map_err(|error| Refusal::Malformed(format!("this is no WebSocket: {error}")))?;
        let spoken = asks_for(request.headers(), PROTOCOL);
        if spoken {
            let headers = response.headers_mut();
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
        }
        Ok((Handshake { upgrade: hyper::upgrade::on(&mut request), spoken }, response))
    }

    /// The socket, once the answer has been written.
    pub(super) async fn end(self) -> Result<WebSocket, hyper::Error> {
        Ok(WebSocket::over(TokioIo::new(self.upgrade.await?), self.spoken).await)
    }
}

/// Whether a client offers to speak a protocol.
fn asks_for(headers: &HeaderMap, protocol: &str) -> bool {
    let offers = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let mut offers = offers.filter_map(|offer| offer.to_str().ok());
    offers.any(|offer| offer.split(',').any(|name| name.trim() == protocol))
}

pub(super) struct WebSocket<S = TokioIo<Upgraded>> {
    stream: WebSocketStream<S>,
    spoken: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    async fn over(stream: S, spoken: bool) -> Self {
        let config = WebSocketConfig::default()
            .max_message_size(Some(BODY_BYTES_MAX))
            .max_frame_size(Some(BODY_BYTES_MAX))
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0);
        let stream = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        WebSocket { stream, spoken }
    }

    /// Whether the client speaks the server's protocol.
    pub(super) fn is_spoken(&self) -> bool {
        self.spoken
    }

    /// The next message. None once there will be no more.
    pub(super) async fn hear(&mut self) -> Option<Result<Message, Error>> {
        self.stream.next().await
    }

    /// Writes a text, wholly: who gives up halfway may not write to the socket again.
    pub(super) async fn tell(&mut self, text: &Utf8Bytes) -> Result<(), Error> {
        let mut head = Vec::with_capacity(HEAD_BYTES_MAX);
        let kind = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
        kind.format(text.len() as u64, &mut head)?;
        // A pong may be half written.
        self.stream.flush().await?;
        let mut frame = head.as_slice().chain(text.as_bytes());
        Ok(self.stream.get_mut().write_all_buf(&mut frame).await?)
    }

    /// Asks whether the client is there.
    pub(super) async fn ping(&mut self) -> Result<(), Error> {
        self.stream.send(Message::Ping(Bytes::new())).await
    }

    /// Says that nothing more will be said.
    pub(super) async fn close(&mut self, why: CloseFrame) -> Result<(), Error> {
        self.stream.send(Message::Close(Some(why))).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, duplex};
    use tokio::time::timeout;

    use super::*;

    const SHORTLY: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_text_waits_for_the_pong_that_is_half_written() {
        let (mut client, server) = duplex(64);
        let mut socket = WebSocket::over(server, true).await;
        let said = [b'?'; 100];
        let ping = [&[0x89, 0x80 | 100, 0, 0, 0, 0], said.as_slice()].concat();
        let asked = async { client.write_all(&ping).await.unwrap() };
        let ((), heard) = tokio::join!(asked, socket.hear());
        assert!(matches!(heard, Some(Ok(Message::Ping(_)))), "{heard:?}");
        // The pong does not fit, and the client does not read yet.
        assert!(timeout(SHORTLY, socket.hear()).await.is_err());
        let text = Utf8Bytes::from("x".repeat(300));
        let mut read = vec![0; 102 + 304];
        let both = async { tokio::join!(socket.tell(&text), client.read_exact(&mut read)) };
        let (told, all) = timeout(Duration::from_secs(10), both).await.unwrap();
        assert!(told.is_ok() && all.is_ok(), "{told:?} {all:?}");
        let pong = [&[0x8A, 100], said.as_slice()].concat();
        let frame = [&[0x81, 126, 1, 44], text.as_bytes()].concat();
        assert_eq!(read, [pong, frame].concat());
    }

    #[tokio::test]
    async fn a_text_of_any_length_has_the_head_it_needs() {
        for (length, head) in [
            (0, vec![0x81, 0]),
            (125, vec![0x81, 125]),
            (126, vec![0x81, 126, 0, 126]),
            (65_535, vec![0x81, 126, 255, 255]),
            (65_536, vec![0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let (mut client, server) = duplex(1 << 17);
            let mut socket = WebSocket::over(server, true).await;
            let text = Utf8Bytes::from("x".repeat(length));
            socket.tell(&text).await.unwrap();
            drop(socket);
            let mut read = Vec::new();
            client.read_to_end(&mut read).await.unwrap();
            assert_eq!(read, [head.as_slice(), text.as_bytes()].concat(), "{length}");
        }
    }

    #[test]
    fn the_protocol_is_found_among_what_a_client_offers() {
        for (offers, spoken) in [
            (vec![], false),
            (vec!["graphql-ws"], false),
            (vec!["graphql-transport-ws"], true),
            (vec!["graphql-ws, graphql-transport-ws"], true),
            (vec!["graphql-ws", "graphql-transport-ws"], true),
            (vec!["graphql-transport-ws2"], false),
        ] {
            let mut headers = HeaderMap::new();
            for offer in &offers {
                headers.append(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offer));
            }
            assert_eq!(asks_for(&headers, PROTOCOL), spoken, "{offers:?}");
        }
    }
}
