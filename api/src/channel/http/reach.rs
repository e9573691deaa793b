//! Which addresses of the network a request may go to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address may be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Anything: whoever runs the service named it.
    Anywhere,
    /// The public internet only: somebody else named it, and must not reach by us what they do not reach themselves, such as
    /// a database beside us or the data of a cloud's machine.
    Public,
}

impl Reach {
    /// Whether a request may go there.
    pub fn has(self, ip: IpAddr) -> bool {
        match (self, ip.to_canonical()) {
            (Self::Anywhere, _) => true,
            (Self::Public, IpAddr::V4(ip)) => is_public_v4(ip),
            (Self::Public, IpAddr::V6(ip)) => is_public_v6(ip),
        }
    }
}

/// Not in a block that the registry of special-purpose addresses (RFC 6890) says is not reachable by all.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let special = match ip.octets() {
        [0 | 10 | 127 | 240..=255, ..] => true,
        [100, second, ..] => (64..128).contains(&second),
        [169, 254, ..] | [192, 168, ..] | [192, 88, 99, _] | [192, 0, 0 | 2, _] => true,
        [172, second, ..] => (16..32).contains(&second),
        [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        _ => false,
    };
    !special && !ip.is_multicast()
}

/// Of the only block that is given out, without those that carry other addresses inside (Teredo, 6to4) or are for examples.
/// What translates to IPv4 (64:ff9b::/96) is not of it either.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        [0x2001, second, ..] => second >= 0x200 && second != 0xdb8,
        [0x2002, ..] => false,
        [0x3fff, second, ..] => second >= 0x1000,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_reached() {
        for ip in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let ip: IpAddr = ip.parse().unwrap();
            assert!(!Reach::Public.has(ip), "{ip}");
            assert!(Reach::Anywhere.has(ip), "{ip}");
        }
        for ip in [
            "1.1.1.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "223.255.255.254",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00::1",
            "::ffff:8.8.8.8",
        ] {
            let ip: IpAddr = ip.parse().unwrap();
            assert!(Reach::Public.has(ip), "{ip}");
        }
    }
}
