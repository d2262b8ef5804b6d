use proptest::prelude::*;
use reqwest::header::HeaderValue;

use super::*;

fn budget() -> Budget {
    Budget::new(64 << 20, 8 << 20)
}

async fn decode(coding: Coding, pieces: &[&[u8]], cap: u64, budget: &Budget) -> Result<Bytes, Took> {
    let mut decoder = Decoder::new(coding, cap, budget).await;
    for piece in pieces {
        match decoder.write(Bytes::copy_from_slice(piece)).await {
            Took::More => {}
            Took::Complete => break,
            other => return Err(other),
        }
    }
    decoder.finish().await
}

async fn encoded(coding: Coding, bytes: &[u8]) -> Vec<u8> {
    use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder};
    macro_rules! through {
        ($encoder:ident) => {{
            let mut encoder = $encoder::new(Vec::new());
            encoder.write_all(bytes).await.unwrap();
            encoder.shutdown().await.unwrap();
            encoder.into_inner()
        }};
    }
    match coding {
        Coding::Identity => bytes.to_vec(),
        Coding::Gzip => through!(GzipEncoder),
        Coding::Brotli => through!(BrotliEncoder),
        Coding::Zstd => through!(ZstdEncoder),
        Coding::Zlib => through!(ZlibEncoder),
    }
}

const ALL: [Coding; 5] = [Coding::Identity, Coding::Gzip, Coding::Brotli, Coding::Zstd, Coding::Zlib];

#[test]
fn h26_one_coding_is_understood() {
    let of = |values: &[&str]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CONTENT_ENCODING, HeaderValue::from_str(value).unwrap());
        }
        Coding::of(&headers)
    };
    assert_eq!(of(&[]), Ok(Coding::Identity));
    assert_eq!(of(&["GZIP"]), Ok(Coding::Gzip));
    assert_eq!(of(&["x-gzip"]), Ok(Coding::Gzip));
    assert_eq!(of(&["identity, br"]), Ok(Coding::Brotli));
    assert_eq!(of(&["deflate"]), Ok(Coding::Zlib));
    for none in ["UTF-8", "none", "x-foo", "binary"] {
        assert_eq!(of(&[none]), Ok(Coding::Identity), "{none}");
    }
    assert_eq!(of(&["UTF-8, gzip"]), Ok(Coding::Gzip));
    assert!(of(&["gzip, gzip"]).is_err());
    assert!(of(&["gzip", "br"]).is_err());
    assert!(of(&["compress"]).is_err());
}

#[tokio::test]
async fn every_coding_is_undone_whole_and_in_pieces() {
    let text = b"some text that is long enough to be worth it ".repeat(500);
    for coding in ALL {
        let wire = encoded(coding, &text).await;
        assert_eq!(
            decode(coding, &[&wire], 1 << 20, &budget()).await.as_deref(),
            Ok(&text[..]),
            "{coding:?}"
        );
        let pieces: Vec<&[u8]> = wire.chunks(7).collect();
        assert_eq!(decode(coding, &pieces, 1 << 20, &budget()).await.as_deref(), Ok(&text[..]), "{coding:?}");
    }
}

/// RFC 1952 §2.2, RFC 8878 §3.1: a body may be several streams, one after the other.
#[tokio::test]
async fn all_members_of_a_body_are_decoded() {
    for coding in [Coding::Gzip, Coding::Zstd] {
        let members =
            [encoded(coding, b"one ").await, encoded(coding, b"").await, encoded(coding, b"two").await];
        let wire = members.concat();
        for size in [1, 7, wire.len()] {
            let pieces: Vec<&[u8]> = wire.chunks(size).collect();
            let decoded = decode(coding, &pieces, 1 << 20, &budget()).await;
            assert_eq!(decoded.as_deref(), Ok(&b"one two"[..]), "{coding:?} in pieces of {size}");
        }
        // What is no stream is left, as browsers leave it; one that is cut short is not whole.
        let padded = [&wire[..], &[0; 600]].concat();
        let decoded = decode(coding, &[&padded], 1 << 20, &budget()).await;
        assert_eq!(decoded.as_deref(), Ok(&b"one two"[..]), "{coding:?}");
        let cut = decode(coding, &[&wire[..wire.len() - 4]], 1 << 20, &budget()).await;
        assert!(matches!(cut, Err(Took::Broken(_))), "{coding:?}: {cut:?}");
    }
    // The cap is on all of them together.
    let large = encoded(Coding::Gzip, &[0; 3000]).await;
    let wire = [&large[..], &large[..]].concat();
    assert_eq!(decode(Coding::Gzip, &[&wire], 5000, &budget()).await, Err(Took::TooLarge));
}

/// H26, GHSA-7j7m-v7m3-jqm7, CVE-2025-6176: the cap is on what comes out, in one piece or in many.
#[tokio::test]
async fn h26_ghsa_7j7m_v7m3_jqm7_a_bomb_stops_at_the_cap() {
    let zeros = vec![0; 4 << 20];
    for coding in ALL {
        let wire = encoded(coding, &zeros).await;
        assert_eq!(decode(coding, &[&wire], 1 << 20, &budget()).await, Err(Took::TooLarge), "{coding:?}");
        assert!(
            decode(coding, &[&wire], 4 << 20, &budget()).await.is_ok(),
            "{coding:?}: exactly the cap is allowed"
        );
    }
}

#[tokio::test]
async fn what_is_cut_short_is_not_whole() {
    let text = b"some text that is long enough to be worth it ".repeat(500);
    for coding in &ALL[1..] {
        let wire = encoded(*coding, &text).await;
        let cut = decode(*coding, &[&wire[..wire.len() / 2]], 1 << 20, &budget()).await;
        assert!(matches!(cut, Err(Took::Broken(_))), "{coding:?}: {cut:?}");
    }
}

/// The budget: every body ends although all of them want more than there is, and all of it is given back.
#[tokio::test]
async fn bodies_share_a_budget_and_give_it_back() {
    let budget = Budget::new((1 << 20) + (256 << 10), 1 << 20);
    let body = vec![7; 1 << 20];
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (budget, body) = (budget.clone(), body.clone());
        all.spawn(async move {
            let mut decoder = Decoder::new(Coding::Identity, 1 << 20, &budget).await;
            for piece in body.chunks(32 << 10) {
                assert_eq!(decoder.write(Bytes::copy_from_slice(piece)).await, Took::More);
                tokio::task::yield_now().await;
            }
            decoder.finish().await.unwrap().len()
        });
    }
    while let Some(length) = all.join_next().await {
        assert_eq!(length.unwrap(), 1 << 20);
    }
    assert_eq!(budget.pieces.available_permits(), 4);
    assert!(budget.overdraft.try_lock().is_ok());
}

/// A few bytes can be the beginning of very many: those that no memory is left for are not decoded yet.
#[tokio::test]
async fn h26_a_bomb_waits_for_memory_before_it_grows() {
    let budget = Budget::new((1 << 20) + (128 << 10), 1 << 20);
    let _elsewhere = budget.overdraft.clone().lock_owned().await;
    for coding in ALL {
        let wire = encoded(coding, &vec![7; 1 << 20]).await;
        let mut decoder = Decoder::new(coding, 1 << 20, &budget).await;
        let mut decoding = Box::pin(async {
            decoder.decode(&wire).await;
            decoder.shutdown().await
        });
        let polled = std::future::poll_fn(|context| Poll::Ready(decoding.as_mut().poll(context))).await;
        assert!(polled.is_pending(), "{coding:?}");
        drop(decoding);
        let decoded = decoder.sink().length;
        assert!(decoded <= 128 << 10, "{coding:?}: {decoded}");
    }
}

proptest! {
    /// Whatever bytes come under whatever coding: no panic, and never more than the cap.
    #[test]
    fn hostile_bytes_are_only_wrong(bytes in prop::collection::vec(any::<u8>(), 0..600), coding in 0usize..5) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let result = runtime.block_on(decode(ALL[coding], &[&bytes], 4096, &budget()));
        prop_assert!(result.map_or(0, |decoded| decoded.len()) <= 4096);
    }
}
