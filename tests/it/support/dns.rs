//! A name server on loopback for a test's own network.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;
use tokio::task::JoinSet;

/// A name server over UDP at 127.0.0.1:53; it ends with this value.
pub(crate) struct NameServer {
    asked: Arc<Mutex<HashMap<String, usize>>>,
    _serving: JoinSet<()>,
}

impl NameServer {
    /// Answers with the addresses that `answer` gives for a name and how often it was asked for before; a name without any does not
    /// exist. Nothing may be kept: every answer's time to live is 0.
    pub(crate) async fn start(
        answer: impl Fn(&str, usize) -> Vec<&'static str> + Send + Sync + 'static,
    ) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:53").await.unwrap();
        let asked = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
        let log = asked.clone();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut buffer = [0; 512];
            while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
                let query = &buffer[..length];
                let (name, end) = name_of(query);
                let before = {
                    let mut asked = log.lock().unwrap();
                    let count = asked.entry(format!("{name} {}", query[end + 1])).or_default();
                    *count += 1;
                    *count - 1
                };
                let addresses = answer(&name, before).into_iter().map(|text| text.parse().unwrap()).collect();
                let _ = socket.send_to(&reply(query, end, addresses), peer).await;
            }
        });
        Self { asked, _serving: serving }
    }

    /// How often the IPv4 address of a name was asked for.
    pub(crate) fn asked(&self, name: &str) -> usize {
        self.asked.lock().unwrap().get(&format!("{name} 1")).copied().unwrap_or_default()
    }
}

/// The name in a question and where it ends (RFC 1035 §4.1.2).
fn name_of(query: &[u8]) -> (String, usize) {
    let (mut labels, mut at) = (Vec::new(), 12);
    while query[at] != 0 {
        let length = usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..=at + length]).to_lowercase());
        at += length + 1;
    }
    (labels.join("."), at + 1)
}

fn reply(query: &[u8], end: usize, addresses: Vec<IpAddr>) -> Vec<u8> {
    let code = if addresses.is_empty() { 3 } else { 0 };
    let of_kind: Vec<Vec<u8>> = addresses
        .into_iter()
        .filter_map(|address| match (address, query[end + 1]) {
            (IpAddr::V4(address), 1) => Some(address.octets().to_vec()),
            (IpAddr::V6(address), 28) => Some(address.octets().to_vec()),
            _ => None,
        })
        .collect();
    let mut out = query[..2].to_vec();
    out.extend([0x81, 0x80 | code, 0, 1, 0, u8::try_from(of_kind.len()).unwrap(), 0, 0, 0, 0]);
    out.extend(&query[12..end + 4]);
    for data in of_kind {
        out.extend([0xc0, 12, 0, query[end + 1], 0, 1, 0, 0, 0, 0, 0, u8::try_from(data.len()).unwrap()]);
        out.extend(data);
    }
    out
}
