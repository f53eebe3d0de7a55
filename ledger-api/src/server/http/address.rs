//! The address of a client: the connection's peer, or what a trusted proxy says.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::{Extensions, HeaderMap, header};

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The address whose share a request takes of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl ClientAddress {
    /// The address of a request.
    pub(crate) fn of(extensions: &Extensions) -> Option<IpAddr> {
        extensions.get::<ClientAddress>().map(|address| address.0)
    }

    /// The client of a connection from `peer`. A trusted proxy names it, each proxy after those it
    /// passed: the last one that is no trusted proxy itself counts.
    pub(crate) fn find(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> Self {
        let peer = peer.to_canonical();
        if !trusted.contains(&peer) {
            return ClientAddress(share_of(peer));
        }
        let client = match (forwarded(headers), forwarded_for(headers)) {
            (named, none) | (none, named) if none.is_empty() => last_client(&named, trusted),
            // A proxy adds to one of them. The other may come from the client.
            (one, other) => {
                last_client(&one, trusted).filter(|one| last_client(&other, trusted) == Some(*one))
            }
        };
        ClientAddress(share_of(client.unwrap_or(peer)))
    }
}

/// The last address that is no trusted proxy. What comes before a name that is no address does not
/// count.
fn last_client(named: &[Option<IpAddr>], trusted: &[IpAddr]) -> Option<IpAddr> {
    let mut client = None;
    for address in named.iter().rev() {
        let address = (*address)?;
        client = Some(address);
        if !trusted.contains(&address) {
            break;
        }
    }
    client
}

/// One person may have all addresses of an IPv6 network of 64 bits.
pub(crate) fn share_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address @ IpAddr::V4(_) => address,
    }
}

fn values<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    headers.get_all(name).iter().flat_map(|value| value.to_str().unwrap_or_default().split(','))
}

/// The addresses of `X-Forwarded-For`.
fn forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    values(headers, X_FORWARDED_FOR).map(address).collect()
}

/// The addresses of `Forwarded` (RFC 7239).
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let client = |element: &str| {
        let mut parameters = element.split(';').filter_map(|parameter| parameter.split_once('='));
        let (_, client) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
        address(client)
    };
    values(headers, header::FORWARDED.as_str()).map(client).collect()
}

/// An address, with or without a port, quotation marks and brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = text.strip_prefix('[').and_then(|text| text.split_once(']'));
    let address = match (bare, text.split_once(':')) {
        (Some((address, _)), _) => address,
        (None, Some((address, port))) if !port.contains(':') => address,
        (None, _) => text,
    };
    address.parse().ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(peer: &str, sent: &[(&'static str, &str)]) -> String {
        let trusted = ["10.0.0.1", "10.0.0.2", "::1"].map(|text| text.parse().unwrap());
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        ClientAddress::find(peer.parse().unwrap(), &headers, &trusted).0.to_string()
    }

    #[test]
    fn only_a_trusted_proxy_names_its_client() {
        let forwarded = |value| [("x-forwarded-for", value)];
        let cases = [
            ("192.0.2.7", forwarded("1.2.3.4"), "192.0.2.7"),
            ("10.0.0.1", forwarded("192.0.2.7"), "192.0.2.7"),
            ("::ffff:10.0.0.1", forwarded("192.0.2.7"), "192.0.2.7"),
            // A client may send the header too: what its proxy adds comes last.
            ("10.0.0.1", forwarded("1.2.3.4, 192.0.2.7"), "192.0.2.7"),
            ("10.0.0.1", forwarded("192.0.2.7, 10.0.0.2"), "192.0.2.7"),
            ("10.0.0.1", forwarded("192.0.2.7, nobody, 10.0.0.2"), "10.0.0.1"),
            ("10.0.0.1", forwarded("192.0.2.7:1234"), "192.0.2.7"),
            ("10.0.0.1", forwarded("[2001:db8::7]:1234"), "2001:db8::"),
            ("10.0.0.1", forwarded("2001:db8::7"), "2001:db8::"),
            ("10.0.0.1", forwarded(""), "10.0.0.1"),
            ("10.0.0.1", [("forwarded", "for=1.2.3.4, for=192.0.2.7;proto=https")], "192.0.2.7"),
            ("10.0.0.1", [("forwarded", "proto=https; For=\"[2001:db8::7]:80\"")], "2001:db8::"),
            ("10.0.0.1", [("forwarded", "for=_hidden")], "10.0.0.1"),
            ("::1", forwarded("192.0.2.7"), "192.0.2.7"),
            ("2001:db8:0:1:2::7", forwarded("192.0.2.7"), "2001:db8:0:1::"),
        ];
        for (peer, sent, expected) in cases {
            assert_eq!(client(peer, &sent), expected, "{peer} {sent:?}");
        }
        let agreed = [("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=192.0.2.7")];
        assert_eq!(client("10.0.0.1", &agreed), "192.0.2.7");
        let foisted = [("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=1.2.3.4")];
        assert_eq!(client("10.0.0.1", &foisted), "10.0.0.1");
        let both = [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "192.0.2.7")];
        assert_eq!(client("10.0.0.1", &both), "192.0.2.7");
    }
}
