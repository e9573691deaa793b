//! The address a request really comes from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::http::header::{HeaderMap, X_FORWARDED_FOR};

/// The peer's, unless that is a trusted proxy: then the last address of X-Forwarded-For that is not one. Addresses
/// further left were written by the client itself.
pub fn of_client(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|proxy| proxy.to_canonical() == *address);
    let mut nearest = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    let lines: Vec<&str> = headers
        .get_all(X_FORWARDED_FOR)
        .filter_map(|value| value.to_str().ok())
        .collect();
    let mut hops = lines.iter().flat_map(|line| line.split(',')).rev();
    while is_trusted(&nearest)
        && let Some(hop) = hops.next().and_then(read)
    {
        nearest = hop;
    }
    nearest
}

fn read(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(with_port)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn client(peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_static(line));
        }
        let trusted = ["10.0.0.1", "10.0.0.2", "::1"].map(|text| text.parse().unwrap());
        of_client(Some(peer.parse().unwrap()), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(client("203.0.113.9:80", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1:80", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            client("10.0.0.1:80", &["1.1.1.1, 198.51.100.1, 10.0.0.2"]),
            "198.51.100.1"
        );
        assert_eq!(
            client("10.0.0.1:80", &["1.1.1.1", "198.51.100.1:4711"]),
            "198.51.100.1"
        );
        assert_eq!(client("[::1]:80", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(client("[::ffff:10.0.0.1]:80", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(client("10.0.0.1:80", &["1.1.1.1, unknown"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1:80", &[]), "10.0.0.1");
    }
}
