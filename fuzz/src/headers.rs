//! What servers say in headers → waits, quotas, cookies, the next URL: bounded and fit to be sent or kept.
//! Input: lines `name: value`.

use linkdrift::page::read;
use linkdrift::time::Timestamp;
use linkdrift::visit::cookies::Jar;
use linkdrift::visit::facts::Body;
use linkdrift::visit::location::{MAX_LOCATION, kept, resolve};
use linkdrift::visit::{backoff, load};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

pub fn check(data: &[u8]) {
    let now = Timestamp::from_timestamp(1_795_300_000, 0).expect("a day in 2026");
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(100) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let value = line[colon + 1..].trim_ascii();
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(value))
        {
            headers.append(name, value);
        }
    }
    for status in [200, 429, 503] {
        let asked = load::asked(status, &headers, now);
        assert!(asked.is_none_or(|wait| wait.as_secs() <= backoff::LONGEST && status != 200));
    }
    assert!(load::quota(&headers, now).is_none_or(|quota| quota.reset.as_secs() <= backoff::LONGEST));
    cookies(&headers, now);
    locations(&headers);
    for value in headers.values() {
        let kept = kept(value.as_bytes());
        assert!(!kept.contains(char::is_control) && kept.len() <= 3 * MAX_LOCATION);
    }
    if let Some(content_type) = headers.get("content-type").map(|value| kept(value.as_bytes())) {
        let body = Body { bytes: "<title>T</title><p>Ü".into(), content_type: Some(content_type) };
        let page = read(&body, &Url::parse("https://a.example/").expect("our own"));
        assert!(page.blocks.len() <= 2);
    }
}

/// Cookies stay with their host, and what is sent back is a header.
fn cookies(headers: &HeaderMap, now: Timestamp) {
    let url = |text: &str| Url::parse(text).expect("our own");
    let own = [url("https://www.shop.example/a/b"), url("http://www.shop.example/a/")];
    let others =
        [url("https://other.example/a/b"), url("https://127.0.0.1/a/b"), url("https://shop.example.evil/a")];
    let mut jar = Jar::default();
    for value in headers.get_all("set-cookie") {
        jar.set(&own[0], value.as_bytes(), now);
    }
    assert!(others.iter().all(|other| jar.header(other).is_none()));
    for header in own.iter().filter_map(|url| jar.header(url)) {
        assert!(header.len() <= 16 << 10 && HeaderValue::from_bytes(&header).is_ok(), "{header:?}");
    }
}

/// A redirect leads to a URL without fragment, user name or password, or the reason why not is told.
fn locations(headers: &HeaderMap) {
    let base = Url::parse("https://a.example/b/c?d").expect("our own");
    let values: Vec<&[u8]> = headers.get_all("location").iter().map(HeaderValue::as_bytes).collect();
    match resolve(&base, &values) {
        Ok(url) => {
            assert!(url.fragment().is_none() && url.as_str().len() <= MAX_LOCATION, "{url}");
            let is_web = matches!(url.scheme(), "http" | "https");
            assert!(
                !is_web || url.username().is_empty() && url.password().is_none() && url.has_host(),
                "{url}"
            );
            assert_eq!(Url::parse(url.as_str()).as_ref(), Ok(&url));
        }
        Err(why) => assert!(!why.is_empty() && why.len() < 200 && !why.contains(char::is_control), "{why:?}"),
    }
}
