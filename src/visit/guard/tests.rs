use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn refused(text: &str) -> Option<String> {
    Guard::default().check_url(&url(text), false).err()
}

/// First, last and the neighbours of every range (U09 to U12).
#[test]
fn u09_u11_u12_ghsa_gwph_fp79_379w_every_range_ends_where_the_registry_says() {
    for range in V4 {
        let net = range.net().unwrap();
        assert_eq!(net.network(), Ipv4Addr::from(range.address), "{net} is written with host bits");
        for inside in [net.network(), net.broadcast()] {
            assert!(special_v4(inside).is_some(), "{inside} of {net}");
        }
        let (first, last) = (u32::from(net.network()), u32::from(net.broadcast()));
        for outside in [first.checked_sub(1), last.checked_add(1)].into_iter().flatten() {
            let outside = Ipv4Addr::from(outside);
            let other = V4.iter().any(|other| other.net().unwrap().contains(&outside));
            assert_eq!(special_v4(outside).is_some(), other, "{outside} beside {net}");
        }
    }
    for range in V6_GLOBAL {
        let net = range.net().unwrap();
        for inside in [net.network(), net.broadcast()] {
            assert!(special_v6(inside).is_some(), "{inside} of {net}");
        }
        let (first, last) = (u128::from(net.network()), u128::from(net.broadcast()));
        for outside in [first - 1, last + 1].map(Ipv6Addr::from) {
            let global = outside.segments()[0] & 0xe000 == 0x2000;
            let other = !global || V6_GLOBAL.iter().any(|other| other.net().unwrap().contains(&outside));
            assert_eq!(special_v6(outside).is_some(), other, "{outside} beside {net}");
        }
    }
    for range in V6_NAMED {
        let net = range.net().unwrap();
        for inside in [net.network(), net.broadcast()] {
            assert!(special_v6(inside).is_some(), "{inside} of {net}");
        }
    }
}

#[test]
fn u09_u12_public_addresses_pass() {
    for address in [
        "93.184.216.34",
        "8.8.8.8",
        "100.63.255.254",
        "100.128.0.1",
        "172.15.255.255",
        "172.32.0.0",
        "2606:4700::1",
        "2a00::1",
    ] {
        assert_eq!(special_purpose(address.parse().unwrap()), None, "{address}");
    }
}

/// U05 to U08: an address inside another is told; that it is refused in every spelling is shown through the program.
#[test]
fn u05_u06_u07_u08_an_embedded_address_is_told() {
    for (text, inner) in [
        ("http://[::ffff:127.0.0.1]/", "127.0.0.1"),
        ("http://[::ffff:7f00:1]/", "127.0.0.1"),
        ("http://[::7f00:1]/", "127.0.0.1"),
        ("http://[64:ff9b::808:808]/", "8.8.8.8"),
        ("http://[64:ff9b:1::a00:1]/", "10.0.0.1"),
        ("http://[2002:7f00:1::]/", "127.0.0.1"),
    ] {
        assert!(refused(text).unwrap().contains(&format!("embeds {inner}")), "{text}");
    }
}

/// U23: refused before anything is looked up.
#[test]
fn u23_local_names_are_refused() {
    for name in [
        "localhost",
        "localhost.",
        "LOCALHOST",
        "foo.localhost",
        "x.local",
        "x.internal",
        "metadata.google.internal",
        "intranet",
        "a..b",
        ".",
    ] {
        assert!(Guard::default().check_name(name).is_err(), "{name}");
    }
    for name in ["example.org", "example.org.", "notlocalhost.org", "local.example.org", "xlocal.net"] {
        assert_eq!(Guard::default().check_name(name), Ok(()), "{name}");
    }
}

/// U34.
#[test]
fn u34_ports_are_those_of_the_fetch_standard() {
    for port in [0, 22, 25, 6000, 6667, 10080] {
        assert!(refused(&format!("http://example.org:{port}/")).is_some(), "{port}");
    }
    for port in [80, 443, 6379, 8080, 8443, 11211, 65535] {
        assert_eq!(refused(&format!("http://example.org:{port}/")), None, "{port}");
    }
}

/// U37, U38.
#[test]
fn u37_u38_the_operator_opens_ranges_and_hosts() {
    let guard = Guard::new(&[
        AllowPrivate::Range("10.1.0.0/16".parse().unwrap()),
        AllowPrivate::Host("Wiki".to_owned()),
        AllowPrivate::Host("127.0.0.1".to_owned()),
    ]);
    assert_eq!(guard.check_url(&url("http://10.1.2.3/"), false), Ok(()));
    assert!(guard.check_url(&url("http://10.2.0.1/"), false).is_err());
    assert_eq!(guard.check_url(&url("http://127.0.0.1/"), false), Ok(()));
    assert!(guard.check_url(&url("http://127.0.0.2/"), false).is_err());
    assert_eq!(guard.check_name("wiki"), Ok(()));
    assert_eq!(guard.check_address("192.168.0.9".parse().unwrap(), Some("wiki")), Ok(()));
    assert!(guard.check_address("192.168.0.9".parse().unwrap(), Some("example.org")).is_err());
}

#[test]
fn a_mapped_name_is_not_looked_at_but_its_port_is() {
    assert_eq!(Guard::default().check_url(&url("http://intranet/"), true), Ok(()));
    assert!(Guard::default().check_url(&url("http://intranet:22/"), true).is_err());
}
