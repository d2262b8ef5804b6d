use std::net::Ipv4Addr;
use std::sync::Mutex;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;

use super::*;

/// A name server over UDP whose answers follow from the first label of the name, and what it was asked.
struct NameServer {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    _serving: tokio::task::JoinSet<()>,
}

/// What is answered to a question for an IPv4 address; there is none for IPv6 unless it says so.
enum Answer {
    Code(u8),
    V4(Vec<[u8; 4]>),
    V6([u8; 16]),
    /// Through an alias.
    Alias([u8; 4]),
    Silence,
    /// These bytes, made of the query and of where its question ends.
    Bytes(fn(&[u8], usize) -> Vec<u8>),
    /// As much as fits into nothing over UDP; over TCP these bytes.
    Cut(fn(&[u8], usize) -> Vec<u8>),
}

fn answer(label: &str) -> Answer {
    match label {
        "hijacked" => Answer::V4(vec![[93, 184, 216, 99]]),
        "both" => Answer::V4(vec![[93, 184, 216, 99], [93, 184, 216, 34]]),
        "public" => Answer::V4(vec![[93, 184, 216, 34]]),
        "loopback" => Answer::V4(vec![[127, 0, 0, 1]]),
        "mixed" => Answer::V4(vec![[93, 184, 216, 34], [10, 0, 0, 5]]),
        "alias" => Answer::Alias([192, 168, 0, 1]),
        "six" => Answer::V6(std::net::Ipv6Addr::LOCALHOST.octets()),
        "mapped" => Answer::V6(Ipv4Addr::new(10, 0, 0, 1).to_ipv6_mapped().octets()),
        "empty" => Answer::V4(Vec::new()),
        "servfail" => Answer::Code(2),
        "refused" => Answer::Code(5),
        "silent" => Answer::Silence,
        "format" => Answer::Code(1),
        "other-id" => Answer::Bytes(|query, end| {
            let mut bytes = message(query, end, &[a([93, 184, 216, 34])]);
            bytes[0] ^= 1;
            bytes
        }),
        "other-question" => Answer::Bytes(|query, end| {
            let mut bytes = message(query, end, &[a([93, 184, 216, 34])]);
            bytes[13] ^= 1;
            bytes
        }),
        "loop" => Answer::Bytes(|query, end| {
            // A name that is a pointer to itself (RFC 1035 §4.1.4).
            let at = u16::try_from(end).unwrap() | 0xc000;
            message(query, end, &[[&at.to_be_bytes()[..], &a([93, 184, 216, 34])[2..]].concat()])
        }),
        "long-label" => Answer::Bytes(|query, end| {
            message(query, end, &[[&[0x7f][..], &[b'x'; 127], &[0], &a([93, 184, 216, 34])[2..]].concat()])
        }),
        "long-name" => Answer::Bytes(|query, end| {
            let name = [&[63][..], &[b'x'; 63]].concat().repeat(5);
            message(query, end, &[[&name[..], &[0], &a([93, 184, 216, 34])[2..]].concat()])
        }),
        "cut-record" => Answer::Bytes(|query, end| {
            let mut bytes = message(query, end, &[a([93, 184, 216, 34])]);
            bytes.truncate(bytes.len() - 2);
            bytes
        }),
        "service" => Answer::Bytes(|query, end| {
            let service = [&[0xc0, 12, 0, 65, 0, 1, 0, 0, 0, 0, 0, 3][..], &[0, 1, 0]].concat();
            message(query, end, &[service, a([93, 184, 216, 34])])
        }),
        "for-ever" => Answer::Bytes(|query, end| {
            let mut record = a([93, 184, 216, 34]);
            record[6..10].copy_from_slice(&[0x80, 0, 0, 0]);
            message(query, end, &[record])
        }),
        "circle" => Answer::Bytes(|query, end| {
            // An alias of itself (RFC 1034 §3.6.2).
            message(query, end, &[[&[0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 0, 0, 2][..], &[0xc0, 12]].concat()])
        }),
        "chain" => Answer::Bytes(|query, end| {
            let name = |n: u8| vec![2, b'a' + n / 10, b'a' + n % 10, 3, b'n', b'e', b't', 0];
            let mut records = Vec::new();
            for n in 0..20 {
                let from = if n == 0 { vec![0xc0, 12] } else { name(n - 1) };
                records.push([&from[..], &[0, 5, 0, 1, 0, 0, 0, 0, 0, 8], &name(n)].concat());
            }
            records.push([&name(19)[..], &a([93, 184, 216, 34])[2..]].concat());
            message(query, end, &records)
        }),
        "tcp" => Answer::Cut(|query, end| message(query, end, &[a([93, 184, 216, 34])])),
        "many" => Answer::Cut(|query, end| {
            let address = |n: u16| a([93, 184, n.to_be_bytes()[0], n.to_be_bytes()[1]]);
            message(query, end, &(0..500).map(address).collect::<Vec<_>>())
        }),
        "many-and-one" => Answer::Cut(|query, end| {
            let mut records = vec![a([93, 184, 216, 34]); 499];
            records.push(a([10, 0, 0, 1]));
            message(query, end, &records)
        }),
        "huge" => Answer::Cut(|query, end| {
            let mut bytes = message(query, end, &[]);
            bytes.resize(0xffff, 0xff);
            bytes
        }),
        _ => Answer::Code(3),
    }
}

/// A record for the name in the question.
fn a(address: [u8; 4]) -> Vec<u8> {
    [&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4][..], &address].concat()
}

/// An answer with these records, to a question that ends there.
fn message(query: &[u8], end: usize, records: &[Vec<u8>]) -> Vec<u8> {
    let count = u16::try_from(records.len()).unwrap().to_be_bytes();
    [&query[..2], &[0x81, 0x80, 0, 1, count[0], count[1], 0, 0, 0, 0], &query[12..end], &records.concat()]
        .concat()
}

impl NameServer {
    async fn start() -> Self {
        Self::that(false).await
    }

    async fn that(hijacks: bool) -> Self {
        // One port for both, which another test may hold for one of them.
        let (socket, listener, port) = loop {
            let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let port = socket.local_addr().unwrap().port();
            if let Ok(listener) = tokio::net::TcpListener::bind(("127.0.0.1", port)).await {
                break (socket, listener, port);
            }
        };
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut serving = tokio::task::JoinSet::new();
        let log = asked.clone();
        serving.spawn(async move {
            let mut buffer = [0; 512];
            while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
                if let Some(reply) = reply(&buffer[..length], hijacks, &log, false) {
                    let _ = socket.send_to(&reply, peer).await;
                }
            }
        });
        let log = asked.clone();
        serving.spawn(async move {
            // Over TCP each message has its length in front (RFC 1035 §4.2.2).
            while let Ok((mut stream, _)) = listener.accept().await {
                while let Ok(length) = stream.read_u16().await {
                    let mut query = vec![0; usize::from(length)];
                    if stream.read_exact(&mut query).await.is_err() {
                        break;
                    }
                    let Some(reply) = reply(&query, hijacks, &log, true) else { continue };
                    let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
                    let _ = stream.write_all(&[&length[..], &reply].concat()).await;
                }
            }
        });
        Self { port, asked, _serving: serving }
    }

    fn names(&self) -> Names {
        let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
        connections.iter_mut().for_each(|connection| connection.port = self.port);
        let server = NameServerConfig::new(Ipv4Addr::LOCALHOST.into(), true, connections);
        let config = ResolverConfig::from_parts(None, vec!["corp.example.".parse().unwrap()], vec![server]);
        let timeout = Duration::from_millis(600);
        let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let lookup = Lookup { hosts: Hosts::default(), resolver: configured(builder, timeout).ok() };
        let names = Names::new(Guard::default(), timeout, Vec::new());
        assert!(names.lookup.set(lookup).is_ok());
        names
    }
}

/// RFC 1035 §4, as much as is needed: one question, answers by pointer to its name.
fn reply(query: &[u8], hijacks: bool, log: &Mutex<Vec<String>>, whole: bool) -> Option<Vec<u8>> {
    let mut labels = Vec::new();
    let mut at = 12;
    while query[at] != 0 {
        let length = usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..=at + length]).to_lowercase());
        at += length + 1;
    }
    let kind = query[at + 2];
    log.lock().unwrap().push(format!("{} {kind}", labels.join(".")));
    let label = if hijacks && labels[0].starts_with("linkdrift-canary") { "hijacked" } else { &labels[0] };
    let (code, records): (u8, Vec<(u16, u8, Vec<u8>)>) = match (answer(label), kind) {
        (Answer::Silence, _) => return None,
        (Answer::Bytes(make), 1) => return Some(make(query, at + 5)),
        (Answer::Cut(make), 1) if whole => return Some(make(query, at + 5)),
        (Answer::Cut(_), 1) => {
            let mut bytes = message(query, at + 5, &[]);
            bytes[2] |= 2;
            return Some(bytes);
        }
        (Answer::Code(code), _) => (code, Vec::new()),
        (Answer::V4(all), 1) => (0, all.into_iter().map(|address| (0xc00c, 1, address.to_vec())).collect()),
        (Answer::V6(address), 28) => (0, vec![(0xc00c, 28, address.to_vec())]),
        (Answer::Alias(address), 1) => {
            let alias = b"\x05inner\x03net\x00".to_vec();
            // The alias' name stands where the first record's data is: header, question, record head.
            let place = u16::try_from(at + 5 + 12).unwrap() | 0xc000;
            (0, vec![(0xc00c, 5, alias), (place, 1, address.to_vec())])
        }
        _ => (0, Vec::new()),
    };
    let mut out = query[..2].to_vec();
    out.extend([0x81, 0x80 | code, 0, 1, 0, u8::try_from(records.len()).unwrap(), 0, 0, 0, 0]);
    out.extend(&query[12..at + 5]);
    for (name, kind, data) in records {
        out.extend(name.to_be_bytes());
        out.extend([0, kind, 0, 1, 0, 0, 0, 0]);
        out.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        out.extend(data);
    }
    Some(out)
}

/// U23.
#[tokio::test]
async fn u23_local_names_are_refused_without_a_query() {
    let server = NameServer::start().await;
    let names = server.names();
    for name in ["localhost", "intranet", "metadata.google.internal"] {
        assert!(matches!(names.addresses(name).await, Err(NameError::Refused(_))), "{name}");
    }
    assert!(server.asked.lock().unwrap().is_empty());
}

/// U24 to U27: any special-purpose answer refuses the whole name.
#[tokio::test]
async fn u24_u25_u26_u27_every_answer_is_checked() {
    let server = NameServer::start().await;
    let names = server.names();
    let public: IpAddr = [93, 184, 216, 34].into();
    assert_eq!(names.addresses("public.net").await, Ok(vec![public]));
    for (name, what) in [
        ("loopback.net", "127.0.0.1"),
        ("mixed.net", "10.0.0.5"),
        ("alias.net", "192.168.0.1"),
        ("six.net", "::1"),
        ("mapped.net", "10.0.0.1"),
    ] {
        match names.addresses(name).await {
            Err(NameError::Refused(why)) => assert!(why.contains(what), "{why}"),
            other => assert!(matches!(other, Err(NameError::Refused(_))), "{name}: {other:?}"),
        }
    }
}

/// D01 to D04: a name that is missing is told from one that could not be asked for.
#[tokio::test]
async fn d01_d02_d03_d04_why_there_is_no_address() {
    let server = NameServer::start().await;
    let names = server.names();
    assert_eq!(names.addresses("nowhere.net").await, Err(NameError::Missing("nowhere.net".to_owned())));
    for (name, what) in [
        ("empty.net", "no address"),
        ("servfail.net", "erver"),
        ("format.net", "orm"),
        ("refused.net", "efused"),
        ("silent.net", "in time"),
    ] {
        match names.addresses(name).await {
            Err(NameError::Failed { why, .. }) => assert!(why.contains(what), "{name}: {why}"),
            other => assert!(matches!(other, Err(NameError::Failed { .. })), "{name}: {other:?}"),
        }
    }
}

/// D06, D07: answers that are cut, forged, wrong or endless are no answers, or are what they say; they cost no more than the time for
/// a name.
#[tokio::test]
async fn d06_d07_answers_that_are_wrong() {
    let server = NameServer::start().await;
    let names = server.names();
    let public = IpAddr::from([93, 184, 216, 34]);
    for name in ["service.net", "for-ever.net", "chain.net", "tcp.net"] {
        assert_eq!(names.addresses(name).await, Ok(vec![public]), "{name}");
    }
    assert_eq!(names.addresses("many.net").await.map(|found| found.len()), Ok(500));
    assert!(matches!(names.addresses("many-and-one.net").await, Err(NameError::Refused(_))));
    let wrong =
        ["other-id", "other-question", "loop", "long-label", "long-name", "cut-record", "circle", "huge"];
    let mut asking = tokio::task::JoinSet::new();
    let names = Arc::new(names);
    for label in wrong {
        let names = names.clone();
        asking.spawn(async move { (label, names.addresses(&format!("{label}.net")).await) });
    }
    while let Some(asked) = asking.join_next().await {
        let (label, found) = asked.unwrap();
        assert!(matches!(found, Err(NameError::Failed { .. })), "{label}: {found:?}");
    }
}

/// D10: no search domain is ever tried, whatever the configuration says.
#[tokio::test]
async fn d10_names_are_whole() {
    let server = NameServer::start().await;
    let names = server.names();
    let _ = names.addresses("nowhere.net").await;
    let _ = names.addresses("wiki.nowhere").await;
    let asked = server.asked.lock().unwrap();
    assert!(!asked.is_empty());
    assert!(asked.iter().all(|name| !name.contains("corp.example")), "{asked:?}");
}

/// U28: one lookup gives the addresses of one connection; nothing is looked up between check and connect.
#[tokio::test]
async fn u28_a_name_is_asked_for_once() {
    let server = NameServer::start().await;
    let names = server.names();
    let _ = names.addresses("public.net").await;
    let asked = server.asked.lock().unwrap();
    assert_eq!(asked.iter().filter(|question| *question == "public.net 1").count(), 1, "{asked:?}");
}

/// A resolver that gives one address to every name.
#[tokio::test]
async fn d11_what_names_that_nobody_has_get_is_no_answer() {
    let server = NameServer::start().await;
    assert!(server.names().addresses("hijacked.net").await.is_ok());
    let server = NameServer::that(true).await;
    let names = server.names();
    for _ in 0..2 {
        match names.addresses("hijacked.net").await {
            Err(NameError::Failed { why, .. }) => {
                assert!(why.contains("93.184.216.99 to names that nobody has"), "{why}")
            }
            other => assert!(matches!(other, Err(NameError::Failed { .. })), "{other:?}"),
        }
    }
    assert_eq!(names.addresses("public.net").await, Ok(vec![[93, 184, 216, 34].into()]));
    assert!(names.addresses("both.net").await.is_ok());
    let asked = server.asked.lock().unwrap();
    assert_eq!(
        asked.iter().filter(|name| name.starts_with("linkdrift-canary-") && name.ends_with(".com 1")).count(),
        1
    );
}

#[tokio::test]
async fn the_hosts_file_comes_first() {
    let server = NameServer::start().await;
    let names = server.names();
    let mut hosts = Hosts::default();
    hosts.read_hosts_conf(&b"93.184.216.99 public.net\n"[..]).unwrap();
    let resolver = names.lookup.into_inner().unwrap().resolver;
    let names = Names::new(Guard::default(), Duration::from_secs(1), Vec::new());
    assert!(names.lookup.set(Lookup { hosts, resolver }).is_ok());
    assert_eq!(names.addresses("public.net").await, Ok(vec![IpAddr::from([93, 184, 216, 99])]));
    assert!(server.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_mapping_answers_for_its_names_only() {
    let to: SocketAddr = "127.0.0.1:8080".parse().unwrap();
    let other: SocketAddr = "127.0.0.1:9090".parse().unwrap();
    let named = Mapped { routes: vec![(Some("a.net".to_owned()), to)] };
    let any = Mapped { routes: vec![(Some("a.net".to_owned()), to), (None, other)] };
    let ask = async |mapped: &Mapped, name: &str| {
        mapped.resolve(name.parse().unwrap()).await.map(|found| found.collect::<Vec<_>>())
    };
    assert_eq!(ask(&named, "a.net").await.unwrap(), [to]);
    assert!(ask(&named, "b.net").await.is_err());
    assert_eq!(ask(&any, "a.net").await.unwrap(), [to]);
    assert_eq!(ask(&any, "b.net").await.unwrap(), [other]);
}
