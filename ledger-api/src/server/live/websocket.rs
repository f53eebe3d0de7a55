//! WebSockets: the handshake and the messages.
//!
//! tungstenite copies every message into a buffer of the socket, which doubles as needed and never
//! shrinks. With thousands of sockets that would cost twice the longest message each. So a text is
//! written from bytes that all its receivers share; tungstenite does the rest of the protocol.

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

use super::protocol::PROTOCOL;
use crate::server::http::refusal::Refusal;

/// The size of a read buffer. Most messages fit, and thousands of sockets need one each.
const READ_BUFFER_BYTES: usize = 4096;

/// The longest message of a client. The socket reserves this much for a message that has only begun.
const MESSAGE_BYTES_MAX: usize = 64 << 10;

/// The longest header of an unmasked frame.
const HEAD_BYTES_MAX: usize = 10;

/// A handshake under way.
pub(crate) struct Handshake {
    upgrade: OnUpgrade,
    protocol_agreed: bool,
}

impl Handshake {
    /// Starts a handshake, and returns the response that completes it.
    pub(crate) fn begin(mut request: Request) -> Result<(Self, Response<Body>), Refusal> {
        let mut response = create_response_with_body(&request, Body::empty).map_err(|error| {
            Refusal::Malformed(format!("the WebSocket handshake is invalid: {error}"))
        })?;
        let protocol_agreed = offers(request.headers(), PROTOCOL);
        if protocol_agreed {
            let headers = response.headers_mut();
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
        }
        Ok((Handshake { upgrade: hyper::upgrade::on(&mut request), protocol_agreed }, response))
    }

    /// The socket, once the response has been written.
    pub(crate) async fn end(self) -> Result<WebSocket, hyper::Error> {
        Ok(WebSocket::over(TokioIo::new(self.upgrade.await?), self.protocol_agreed).await)
    }
}

/// Whether a client offers a subprotocol.
fn offers(headers: &HeaderMap, protocol: &str) -> bool {
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let mut offered = offered.filter_map(|offer| offer.to_str().ok());
    offered.any(|offer| offer.split(',').any(|name| name.trim() == protocol))
}

pub(crate) struct WebSocket<S = TokioIo<Upgraded>> {
    stream: WebSocketStream<S>,
    protocol_agreed: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    async fn over(stream: S, protocol_agreed: bool) -> Self {
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX))
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0);
        let stream = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        WebSocket { stream, protocol_agreed }
    }

    /// Whether the client offered graphql-transport-ws.
    pub(crate) fn agreed_protocol(&self) -> bool {
        self.protocol_agreed
    }

    /// The next message; None at the end.
    pub(crate) async fn receive(&mut self) -> Option<Result<Message, Error>> {
        self.stream.next().await
    }

    /// Writes a whole text message. If the future is dropped halfway, the socket must not be written
    /// again.
    pub(crate) async fn send_text(&mut self, text: &Utf8Bytes) -> Result<(), Error> {
        let mut head = Vec::with_capacity(HEAD_BYTES_MAX);
        let kind = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
        kind.format(text.len() as u64, &mut head)?;
        // tungstenite may have written half a pong.
        self.stream.flush().await?;
        let mut frame = head.as_slice().chain(text.as_bytes());
        Ok(self.stream.get_mut().write_all_buf(&mut frame).await?)
    }

    /// Sends a ping.
    pub(crate) async fn ping(&mut self) -> Result<(), Error> {
        self.stream.send(Message::Ping(Bytes::new())).await
    }

    /// Sends a close frame.
    pub(crate) async fn close(&mut self, why: CloseFrame) -> Result<(), Error> {
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
        let ((), heard) = tokio::join!(asked, socket.receive());
        assert!(matches!(heard, Some(Ok(Message::Ping(_)))), "{heard:?}");
        // The pong does not fit, and the client does not read yet.
        assert!(timeout(SHORTLY, socket.receive()).await.is_err());
        let text = Utf8Bytes::from("x".repeat(300));
        let mut read = vec![0; 102 + 304];
        let both = async { tokio::join!(socket.send_text(&text), client.read_exact(&mut read)) };
        let (sent, all) = timeout(Duration::from_secs(10), both).await.unwrap();
        assert!(sent.is_ok() && all.is_ok(), "{sent:?} {all:?}");
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
            socket.send_text(&text).await.unwrap();
            drop(socket);
            let mut read = Vec::new();
            client.read_to_end(&mut read).await.unwrap();
            assert_eq!(read, [head.as_slice(), text.as_bytes()].concat(), "{length}");
        }
    }

    #[test]
    fn the_protocol_is_found_among_what_a_client_offers() {
        for (offered, protocol_agreed) in [
            (vec![], false),
            (vec!["graphql-ws"], false),
            (vec!["graphql-transport-ws"], true),
            (vec!["graphql-ws, graphql-transport-ws"], true),
            (vec!["graphql-ws", "graphql-transport-ws"], true),
            (vec!["graphql-transport-ws2"], false),
        ] {
            let mut headers = HeaderMap::new();
            for offer in &offered {
                headers.append(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offer));
            }
            assert_eq!(offers(&headers, PROTOCOL), protocol_agreed, "{offered:?}");
        }
    }
}
