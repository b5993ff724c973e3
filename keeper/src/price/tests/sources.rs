//! Sources that lie, lag, break off, redirect, refuse, and never end.

use super::server::{Reply, Server};
use crate::{
    config,
    price::{
        combine::Answer,
        http::{AskError, Http},
        source::{Source, SourceError},
    },
};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    time::{SystemTime, UNIX_EPOCH},
};

pub fn settings(url: &str) -> config::Source {
    config::Source {
        url: url.into(),
        name: None,
        pointer: "/price".into(),
        unit: "usd".parse().unwrap(),
        weight: 1,
        timeout_ms: 10_000,
        headers: None,
        time: None,
        max_age_secs: 60,
    }
}

async fn ask(settings: &config::Source) -> Result<Answer, SourceError> {
    let http = Http::new().unwrap();
    Source::open(settings).unwrap().ask(&http).await
}

async fn said(reply: Reply) -> Result<Answer, SourceError> {
    let server = Server::saying(reply);
    ask(&settings(&server.url())).await
}

#[tokio::test]
async fn a_price_is_read_as_number_and_as_text() {
    let expected = Answer {
        price: 2_512_345_678,
        weight: 1,
    };
    for body in [
        r#"{"price": 0.2512345678}"#,
        r#"{"price": "0.2512345678"}"#,
        r#"{"price": " 25.12345678e-2 ", "more": [1, 2]}"#,
    ] {
        assert_eq!(said(Reply::Json(body.into())).await, Ok(expected));
    }
    let server = Server::saying(Reply::Json(r#"{"data": [{"last": "4"}]}"#.into()));
    let mut inverse = settings(&server.url());
    inverse.pointer = "/data/0/last".into();
    inverse.unit = "1/usd".parse().unwrap();
    inverse.weight = 7;
    let expected = Answer {
        price: 2_500_000_000,
        weight: 7,
    };
    assert_eq!(ask(&inverse).await, Ok(expected));
}

#[tokio::test]
async fn what_is_no_price_is_none() {
    let html = "<html><body>Just a moment…</body></html>";
    assert_eq!(
        said(Reply::Json(html.into())).await,
        Err(AskError::NotJson.into())
    );
    assert_eq!(
        said(Reply::Json(String::new())).await,
        Err(AskError::NotJson.into())
    );
    for body in [
        r#"{"error": "no such pair"}"#,
        r#"{"price": null}"#,
        r#"{"price": {}}"#,
        "[]",
    ] {
        assert_eq!(
            said(Reply::Json(body.into())).await,
            Err(SourceError::NoPrice)
        );
    }
    for price in [
        "0", "-0.25", "\"\"", "\"soon\"", "\"NaN\"", "1e30", "1e-30", "100001",
    ] {
        let body = format!(r#"{{"price": {price}}}"#);
        assert_eq!(
            said(Reply::Json(body)).await,
            Err(SourceError::Odd),
            "{price}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_source_holds_nobody_up() {
    let server = Server::saying(Reply::Silence);
    let mut silent = settings(&server.url());
    silent.timeout_ms = 50;
    let late = AskError::TimedOut { millis: 50 };
    assert_eq!(ask(&silent).await, Err(late.into()));
    // It was not left hanging: the connection is gone.
    assert_eq!(server.sent(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gigabyte_is_not_read() {
    let server = Server::saying(Reply::Endless);
    assert_eq!(
        ask(&settings(&server.url())).await,
        Err(AskError::TooLong.into())
    );
    let sent = server.sent();
    assert!(sent < 64 << 20, "{sent} bytes");
}

#[tokio::test]
async fn an_answer_that_breaks_off_or_unpacks_is_none() {
    assert_eq!(said(Reply::Cut).await, Err(AskError::BrokeOff.into()));
    let raw = "not HTTP at all\r\n\r\n";
    assert_eq!(
        said(Reply::Raw(raw.into())).await,
        Err(AskError::Unreachable.into())
    );
    let packed = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u{1f}abc";
    assert_eq!(
        said(Reply::Raw(packed.into())).await,
        Err(AskError::NotJson.into())
    );
    let server = Server::priced("0.25");
    ask(&settings(&server.url())).await.unwrap();
    assert!(!server.question().to_lowercase().contains("accept-encoding"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Server::priced("9");
    let to = format!(
        "HTTP/1.1 302 Found\r\nLocation: {}/\r\nContent-Length: 0\r\n\r\n",
        other.url()
    );
    let redirect = AskError::Redirects { status: 302 };
    assert_eq!(said(Reply::Raw(to)).await, Err(redirect.into()));
    assert_eq!(other.questions_left(), 0);
}

#[tokio::test]
async fn who_wants_to_be_left_alone_is() {
    let http = Http::new().unwrap();
    for (status, head, least, most) in [
        (429, "Retry-After: 120\r\n", 115, 121),
        (503, "", 25, 31),
        // However long it asks for: ten minutes at most.
        (429, "Retry-After: 99999999\r\n", 595, 601),
        (
            429,
            "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n",
            25,
            31,
        ),
    ] {
        let server = Server::saying(Reply::Status(status, head));
        let mut source = Source::open(&settings(&server.url())).unwrap();
        let refused = source.ask(&http).await.unwrap_err();
        assert!(
            matches!(refused, SourceError::Ask(AskError::Status { status: got, .. }) if got == status)
        );
        let Err(SourceError::Held { secs }) = source.ask(&http).await else {
            panic!("it was asked again");
        };
        assert!((least..=most).contains(&secs), "{secs}");
        server.question();
        assert_eq!(server.questions_left(), 0);
    }
    // What is just broken is asked again.
    let server = Server::saying(Reply::Status(500, ""));
    let mut source = Source::open(&settings(&server.url())).unwrap();
    for _ in 0..2 {
        source.ask(&http).await.unwrap_err();
        server.question();
    }
}

#[tokio::test]
async fn an_old_price_is_none() {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let at = |ts: u64, parts: u64| {
        let body = format!(r#"{{"price": 0.25, "ts": {}}}"#, ts * parts);
        async move {
            let server = Server::saying(Reply::Json(body));
            let mut timed = settings(&server.url());
            timed.time = Some("/ts".into());
            ask(&timed).await
        }
    };
    for parts in [1, 1_000, 1_000_000, 1_000_000_000] {
        at(now - 30, parts).await.unwrap();
        let old = at(now - 100, parts).await.unwrap_err();
        assert!(matches!(old, SourceError::Old { age_secs: 100.. }), "{old}");
        assert_eq!(at(now + 60, parts).await, Err(SourceError::Future));
    }
    let server = Server::priced("0.25");
    let mut timed = settings(&server.url());
    timed.time = Some("/ts".into());
    assert_eq!(ask(&timed).await, Err(SourceError::NoTime));
    // A cache on the way kept it.
    let kept = "HTTP/1.1 200 OK\r\nAge: 61\r\nContent-Length: 15\r\n\r\n{\"price\": 0.25}";
    let old = SourceError::Old { age_secs: 61 };
    assert_eq!(said(Reply::Raw(kept.into())).await, Err(old));
    said(Reply::Raw(kept.replace("61", "60"))).await.unwrap();
}

#[tokio::test]
async fn headers_come_from_a_file_that_is_ours_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("headers");
    let write = |text: &str, mode: u32| {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let server = Server::priced("0.25");
    let mut keyed = settings(&server.url());
    keyed.headers = Some(path.clone());
    write("# ours\n\nX-Api-Key: s3cret\n", 0o600);
    ask(&keyed).await.unwrap();
    assert!(server
        .question()
        .to_lowercase()
        .contains("x-api-key: s3cret\r\n"));

    write("X-Api-Key: s3cret\n", 0o640);
    let exposed = Source::open(&keyed).err().unwrap().to_string();
    assert!(exposed.contains("chmod 600"), "{exposed}");
    assert!(!exposed.contains("s3cret"), "{exposed}");
    write("s3cret\n", 0o600);
    let odd = Source::open(&keyed).err().unwrap().to_string();
    assert!(
        odd.contains("not `Name: value`") && !odd.contains("s3cret"),
        "{odd}"
    );
}

#[tokio::test]
async fn no_error_tells_a_secret() {
    let server = Server::saying(Reply::Json(r#"{"echo": "s3cret"}"#.into()));
    let url = format!("{}/v1?key=s3cret", server.url());
    let port = Server::priced("1").address.port();
    for url in [
        url.clone(),
        url.replace(&server.address.port().to_string(), &port.to_string()),
    ] {
        let mut source = settings(&url);
        source.pointer = "/s3cret".into();
        let error = ask(&source).await.unwrap_err();
        assert!(!format!("{error} {error:?} {}", source.label()).contains("s3cret"));
    }
}
