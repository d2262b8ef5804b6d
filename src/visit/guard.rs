//! What is never connected to: special-purpose addresses, names that mean this machine or this network, and ports that are not the
//! web's. Pure; the client asks it for every hop's URL and for every address that a name resolves to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

use crate::config::AllowPrivate;

/// The guard with what the operator opened.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    ranges: Vec<IpNet>,
    hosts: Vec<String>,
}

/// One range that is refused, and what it is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range<Address> {
    address: Address,
    length: u8,
    purpose: &'static str,
}

/// IPv4: IANA's special-purpose registry, the reserved space around it, and Azure's wire server, which no registry lists.
#[rustfmt::skip]
pub(super) const V4: &[Range<[u8; 4]>] = &[
    Range { address: [0, 0, 0, 0], length: 8, purpose: "this network (RFC 791)" },
    Range { address: [10, 0, 0, 0], length: 8, purpose: "private use (RFC 1918)" },
    Range { address: [100, 64, 0, 0], length: 10, purpose: "shared address space (RFC 6598)" },
    Range { address: [127, 0, 0, 0], length: 8, purpose: "loopback (RFC 1122)" },
    Range { address: [168, 63, 129, 16], length: 32, purpose: "Azure's wire server" },
    Range { address: [169, 254, 0, 0], length: 16, purpose: "link local (RFC 3927)" },
    Range { address: [172, 16, 0, 0], length: 12, purpose: "private use (RFC 1918)" },
    Range { address: [192, 0, 0, 0], length: 24, purpose: "IETF protocol assignments (RFC 6890)" },
    Range { address: [192, 0, 2, 0], length: 24, purpose: "documentation (RFC 5737)" },
    Range { address: [192, 31, 196, 0], length: 24, purpose: "AS112 (RFC 7535)" },
    Range { address: [192, 52, 193, 0], length: 24, purpose: "AMT (RFC 7450)" },
    Range { address: [192, 88, 99, 0], length: 24, purpose: "6to4 relays (RFC 7526)" },
    Range { address: [192, 168, 0, 0], length: 16, purpose: "private use (RFC 1918)" },
    Range { address: [192, 175, 48, 0], length: 24, purpose: "AS112 (RFC 7534)" },
    Range { address: [198, 18, 0, 0], length: 15, purpose: "benchmarking (RFC 2544)" },
    Range { address: [198, 51, 100, 0], length: 24, purpose: "documentation (RFC 5737)" },
    Range { address: [203, 0, 113, 0], length: 24, purpose: "documentation (RFC 5737)" },
    Range { address: [224, 0, 0, 0], length: 4, purpose: "multicast (RFC 5771)" },
    Range { address: [240, 0, 0, 0], length: 4, purpose: "reserved (RFC 1112)" },
];

/// IPv6 outside of 2000::/3, by name; whatever else lies there is refused as unassigned.
#[rustfmt::skip]
pub(super) const V6_NAMED: &[Range<[u16; 8]>] = &[
    Range { address: [0, 0, 0, 0, 0, 0, 0, 0], length: 128, purpose: "the unspecified address (RFC 4291)" },
    Range { address: [0, 0, 0, 0, 0, 0, 0, 1], length: 128, purpose: "loopback (RFC 4291)" },
    Range { address: [0, 0, 0, 0, 0, 0xffff, 0, 0], length: 96, purpose: "an IPv4-mapped address (RFC 4291)" },
    Range { address: [0, 0, 0, 0, 0, 0, 0, 0], length: 96, purpose: "an IPv4-compatible address (RFC 4291)" },
    Range { address: [0x64, 0xff9b, 0, 0, 0, 0, 0, 0], length: 96, purpose: "NAT64 (RFC 6052)" },
    Range { address: [0x64, 0xff9b, 1, 0, 0, 0, 0, 0], length: 48, purpose: "local NAT64 (RFC 8215)" },
    Range { address: [0x100, 0, 0, 0, 0, 0, 0, 0], length: 64, purpose: "discard only (RFC 6666)" },
    Range { address: [0x100, 0, 0, 1, 0, 0, 0, 0], length: 64, purpose: "dummy prefix (RFC 9780)" },
    Range { address: [0x5f00, 0, 0, 0, 0, 0, 0, 0], length: 16, purpose: "segment routing (RFC 9602)" },
    Range { address: [0xfc00, 0, 0, 0, 0, 0, 0, 0], length: 7, purpose: "unique local (RFC 4193)" },
    Range { address: [0xfe80, 0, 0, 0, 0, 0, 0, 0], length: 10, purpose: "link local (RFC 4291)" },
    Range { address: [0xfec0, 0, 0, 0, 0, 0, 0, 0], length: 10, purpose: "site local (RFC 3879)" },
    Range { address: [0xff00, 0, 0, 0, 0, 0, 0, 0], length: 8, purpose: "multicast (RFC 4291)" },
];

/// IPv6 inside of 2000::/3, where global addresses are.
#[rustfmt::skip]
pub(super) const V6_GLOBAL: &[Range<[u16; 8]>] = &[
    Range { address: [0x2001, 0, 0, 0, 0, 0, 0, 0], length: 23, purpose: "IETF protocol assignments (RFC 2928)" },
    Range { address: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], length: 32, purpose: "documentation (RFC 3849)" },
    Range { address: [0x2002, 0, 0, 0, 0, 0, 0, 0], length: 16, purpose: "6to4 (RFC 3056)" },
    Range { address: [0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], length: 48, purpose: "AS112 (RFC 7534)" },
    Range { address: [0x3fff, 0, 0, 0, 0, 0, 0, 0], length: 20, purpose: "documentation (RFC 9637)" },
];

/// Names that never leave this machine or this network (RFC 6761, RFC 6762, RFC 8375, ICANN's .internal).
const LOCAL_SUFFIXES: &[&str] = &["localhost", "local", "internal", "localdomain", "home.arpa"];

/// The WHATWG Fetch list of bad ports, and 0.
const BAD_PORTS: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514,
    515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
    2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

impl Guard {
    /// The guard, opened as the operator said.
    pub fn new(allow: &[AllowPrivate]) -> Self {
        let mut guard = Self::default();
        for rule in allow {
            match rule {
                AllowPrivate::Range(range) => guard.ranges.push(*range),
                AllowPrivate::Host(host) => guard.hosts.push(comparable(host)),
            }
        }
        guard
    }

    /// Whether a URL may be requested as far as its text tells: its port, its host name, its address literal. The error says why
    /// not. `mapped` says that `--resolve` names where the connection goes: then names are not looked at.
    pub fn check_url(&self, url: &Url, mapped: bool) -> Result<(), String> {
        check_port(url)?;
        match url.host() {
            Some(Host::Ipv4(address)) if !mapped => self.check_address(IpAddr::V4(address), None),
            Some(Host::Ipv6(address)) if !mapped => self.check_address(IpAddr::V6(address), None),
            Some(Host::Domain(name)) if !mapped => self.check_name(name),
            Some(_) => Ok(()),
            None => Err("there is no host".to_owned()),
        }
    }

    /// Whether a name may be looked up.
    pub fn check_name(&self, name: &str) -> Result<(), String> {
        let name = comparable(name);
        if self.hosts.contains(&name) {
            return Ok(());
        }
        if name.is_empty() || name.split('.').any(str::is_empty) {
            return Err(format!("{name:?} is no host name"));
        }
        let local = |suffix: &&&str| {
            name.strip_suffix(**suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if let Some(suffix) = LOCAL_SUFFIXES.iter().find(local) {
            return Err(format!("names under {suffix} are local"));
        }
        if !name.contains('.') {
            return Err(format!("{name} is a name of one part, which only a local network knows"));
        }
        Ok(())
    }

    /// Whether an address may be connected to; `name` is what resolved to it.
    pub fn check_address(&self, address: IpAddr, name: Option<&str>) -> Result<(), String> {
        let named = |host: &str| self.hosts.contains(&comparable(host));
        if self.ranges.iter().any(|range| range.contains(&address))
            || name.is_some_and(named)
            || named(&address.to_string())
        {
            return Ok(());
        }
        match special_purpose(address) {
            Some(purpose) => Err(match name {
                Some(name) => format!("{name} resolves to {address}: {purpose}"),
                None => format!("{address}: {purpose}"),
            }),
            None => Ok(()),
        }
    }
}

/// What an address is for, where it is for anything but the public Internet.
pub fn special_purpose(address: IpAddr) -> Option<String> {
    match address {
        IpAddr::V4(address) => special_v4(address).map(str::to_owned),
        IpAddr::V6(address) => special_v6(address),
    }
}

/// The URL's port, where that is one that is never connected to.
pub fn refused_port(url: &Url) -> Option<u16> {
    url.port_or_known_default().filter(|port| BAD_PORTS.contains(port))
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    V4.iter().find(|range| range.net().is_some_and(|net| net.contains(&address))).map(|range| range.purpose)
}

fn special_v6(address: Ipv6Addr) -> Option<String> {
    let find = |ranges: &[Range<[u16; 8]>]| {
        ranges
            .iter()
            .find(|range| range.net().is_some_and(|net| net.contains(&address)))
            .map(|range| range.purpose)
    };
    let purpose = if address.segments()[0] & 0xe000 == 0x2000 {
        find(V6_GLOBAL)?
    } else {
        find(V6_NAMED).unwrap_or("not a global unicast address (RFC 4291)")
    };
    Some(match embedded_v4(address) {
        Some(inner) => format!("{purpose}, embeds {inner}"),
        None => purpose.to_owned(),
    })
}

/// The IPv4 address inside a mapped, compatible, NAT64 or 6to4 address; for the reader, since the wrapper is refused in any case.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = address.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0 | 1, _, _, _, high, low] => {
            Some(join(high, low))
        }
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

fn check_port(url: &Url) -> Result<(), String> {
    refused_port(url)
        .map_or(Ok(()), |port| Err(format!("port {port} is not for the web (WHATWG Fetch, bad ports)")))
}

/// In lower case, without the final dot and without brackets.
fn comparable(host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

impl Range<[u8; 4]> {
    pub(super) fn net(&self) -> Option<Ipv4Net> {
        Ipv4Net::new(Ipv4Addr::from(self.address), self.length).ok()
    }
}

impl Range<[u16; 8]> {
    pub(super) fn net(&self) -> Option<Ipv6Net> {
        Ipv6Net::new(Ipv6Addr::from(self.address), self.length).ok()
    }
}

#[cfg(test)]
mod tests;
