//! What is sent, what is read of an answer, and what is known when there is none: against a peer on loopback.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

use super::*;

/// A peer that reads until it has seen `wait_for`, answers with `answer`, and then hangs up, or waits for ever.
async fn peer(wait_for: &'static str, answer: Vec<u8>, hang_up: bool) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks?a=1", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut text, mut bytes) = (String::new(), [0; 4096]);
        while !text.contains(wait_for) {
            let count = stream.read(&mut bytes).await.unwrap();
            text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        }
        // Whoever has read enough is gone.
        let _ = stream.write_all(&answer).await;
        if !hang_up {
            std::future::pending::<()>().await;
        }
        text
    });
    (url, heard)
}

async fn send(url: &str, reach: Reach, deadline: Duration) -> Result<Answer, Failure> {
    let post = Post {
        url,
        headers: &[("x-one", "two".to_owned())],
        body: b"{\"done\":1}".to_vec(),
        reach,
        deadline,
    };
    Http::new().unwrap().send(&post).await
}

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_request_arrives_whole_and_its_answer_is_read() {
    let answer = b"HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nlater".to_vec();
    let (url, heard) = peer("\"done\":1}", answer, true).await;
    let answer = send(&url, Reach::Anywhere, SOON).await.unwrap();
    assert_eq!(
        (answer.status, answer.retry_after, answer.body.as_slice()),
        (429, Some(7), b"later".as_slice())
    );
    let heard = heard.await.unwrap();
    let host = url.trim_start_matches("http://").split('/').next().unwrap();
    assert!(heard.starts_with("POST /hooks?a=1 HTTP/1.1\r\n"), "{heard}");
    for line in [
        &format!("host: {host}"),
        "x-one: two",
        "content-length: 10",
        "connection: close",
    ] {
        assert!(
            heard.contains(&format!("\r\n{line}\r\n")),
            "{line} is missing in {heard}"
        );
    }
}

#[tokio::test]
async fn a_body_without_end_is_cut_and_the_status_told() {
    let mut long = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n".to_vec();
    long.extend(vec![b'x'; 300_000]);
    let (url, _heard) = peer("\"done\":1}", long, false).await;
    let answer = send(&url, Reach::Anywhere, SOON).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, MOST_READ));

    let slow = b"HTTP/1.1 202 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let (url, _heard) = peer("\"done\":1}", slow, false).await;
    let answer = send(&url, Reach::Anywhere, Duration::from_millis(400)).await;
    assert_eq!(answer.unwrap().status, 202);
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let answer = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n";
    let (url, _heard) = peer("\"done\":1}", answer.to_vec(), true).await;
    assert_eq!(send(&url, Reach::Anywhere, SOON).await.unwrap().status, 302);
}

#[tokio::test]
async fn what_is_known_of_a_failure_is_told() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let refused = send(&format!("http://{free}/"), Reach::Anywhere, SOON).await;
    assert!(matches!(refused, Err(Failure::NotSent(_))), "{refused:?}");
    let (url, _heard) = peer("\"done\":1}", vec![], true).await;
    let broken = send(&url, Reach::Anywhere, SOON).await;
    assert!(matches!(broken, Err(Failure::Unknown(_))), "{broken:?}");
    let (url, _heard) = peer("\"done\":1}", vec![], false).await;
    let silent = send(&url, Reach::Anywhere, Duration::from_millis(300)).await;
    assert_eq!(silent.unwrap_err(), Failure::Unknown("no answer in time"));
    let (url, _heard) = peer("\u{3}", b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), true).await;
    let plain = send(&url.replace("http:", "https:"), Reach::Anywhere, SOON).await;
    assert!(matches!(plain, Err(Failure::NotSent(_))), "{plain:?}");
}

#[tokio::test]
async fn what_is_not_public_is_not_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "0x7f.1",
        "2130706433",
        "017700000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
        "127.1",
        "%31%32%37.0.0.1",
        "\u{ff11}27.0.0.1",
    ] {
        let answer = send(&format!("http://{host}:{port}/"), Reach::Public, SOON).await;
        assert_eq!(answer.unwrap_err(), NOT_PUBLIC, "{host}");
    }
    for url in [
        "",
        "hooks",
        "/hooks",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://",
        "https://a:b@example.org/",
        "javascript:alert(1)",
        "http://exa mple.org/",
    ] {
        let answer = send(url, Reach::Anywhere, SOON).await;
        assert!(matches!(answer, Err(Failure::NotAllowed(_))), "{url}: {answer:?}");
    }
    let nobody = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(nobody.is_err(), "somebody was asked");
}
