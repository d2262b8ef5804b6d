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

/// U01 to U08, U10, U13, U14, U16, U18: however an address is written.
#[test]
fn u05_u07_u08_literals_are_refused_in_every_spelling() {
    for text in [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0x7f.1/",
        "http://0/",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b:1::a00:1]/",
        "http://[64:ff9b::808:808]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "http://169.254.169.254/",
        "http://168.63.129.16/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
        "http://[5f00::1]/",
        "http://[100::1]/",
        "http://[4000::1]/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://%31%32%37.0.0.1/",
        "http://example.com@127.0.0.1/",
        "http:127.0.0.1/",
        "http:///127.0.0.1/",
        "http://127.0.0.1\\@example.com/",
    ] {
        assert!(refused(text).is_some(), "{text}");
    }
    assert!(refused("http://[::ffff:127.0.0.1]/").unwrap().contains("embeds 127.0.0.1"));
    assert!(refused("http://[2002:7f00:1::]/").unwrap().contains("embeds 127.0.0.1"));
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
