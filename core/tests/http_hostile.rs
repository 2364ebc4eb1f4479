//! What a client meets outside: silence, cut answers, redirects, proxies, bombs, and answers without end.
#![cfg(feature = "client")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use bytes::Bytes;
use cdp_batch::api::inspect::ListQuery;
use cdp_batch::api::region::BaseUrl;
use cdp_batch::digest::Md5;
use cdp_batch::http::body::PartBody;
use cdp_batch::http::service::Service;
use cdp_batch::options::Http;
use cdp_batch::secret::{Credentials, SafeUrl, Secret};
use cdp_batch::{Client, Error, Kind, Options};
use flate2::Compression;
use flate2::write::GzEncoder;
use uuid::Uuid;

/// A server that shows each request's head and leaves the rest to `answer`; the connection ends with it.
struct Server {
    address: SocketAddr,
    heads: Receiver<String>,
}

impl Server {
    fn start(answer: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, heads) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|read| read > 0) {}
                let _ = sender.send(head);
                let _ = answer(reader.get_mut());
            }
        });
        Server { address, heads }
    }

    fn saying(text: impl Into<Vec<u8>>) -> Self {
        let text = text.into();
        Server::start(move |stream| stream.write_all(&text))
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The head of the only request so far.
    fn head(&self) -> String {
        let head = self.heads.try_recv().unwrap();
        assert!(self.heads.try_recv().is_err());
        head
    }
}

fn refused_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Holds the connection open until the client gives up.
fn hold(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.read_to_end(&mut Vec::new()).map(drop)
}

fn endless(stream: &mut TcpStream, piece: &[u8]) -> std::io::Result<()> {
    loop {
        stream.write_all(piece)?;
    }
}

#[test]
fn a_page_of_the_list_that_never_comes_can_be_cancelled_and_is_asked_for_again() {
    let server = Server::start(hold);
    let base = BaseUrl::parse(&server.url()).unwrap();
    let client = Client::new(base, Secret::new("key"), Secret::new("token"), Options::default()).unwrap();
    let batches = client.batches(ListQuery::default());
    for _ in 0..2 {
        let next = batches.advance();
        server.heads.recv().unwrap();
        next.cancel();
        assert_eq!(next.join().unwrap_err().kind(), Kind::Cancelled);
    }
}

fn short() -> Http {
    Http { stall_timeout_ms: 300, connect_timeout_ms: 2_000, ..Http::default() }
}

fn service(base: &str, options: &Http) -> Service {
    let credentials =
        Credentials { client_key: Secret::new("the-client-key"), api_token: Secret::new("the-api-token") };
    Service::new(BaseUrl::parse(base).unwrap(), &credentials, options).unwrap()
}

async fn status_error(base: &str, options: &Http) -> Error {
    service(base, options).status(Uuid::nil()).await.unwrap_err()
}

async fn log_error(server: &Server, options: &Http) -> Error {
    let url = SafeUrl::parse(&format!("{}/tenant0123/log.gz?X-Amz-Signature=f00", server.url())).unwrap();
    service(&server.url(), options).log(&url, |_| ()).await.unwrap_err()
}

async fn upload_error(url: &str, size: usize) -> Error {
    let url = SafeUrl::parse(&format!("{url}/tenant0123/import.gz?X-Amz-Signature=f00")).unwrap();
    let part = PartBody::Bytes(Bytes::from(vec![0; size]));
    service("http://localhost", &short())
        .upload(&url, Md5::from_bytes([0; 16]), part, Arc::new(|_| ()))
        .await
        .unwrap_err()
}

fn says(error: &Error, kind: Kind, words: &str) {
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.message().contains(words), "{error}");
    for secret in ["f00", "tenant0123", "the-client-key", "the-api-token", "os error"] {
        assert!(!format!("{error:?}").contains(secret), "{error:?}");
    }
}

#[tokio::test]
async fn a_request_says_who_asks_and_nothing_more() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}");
    let options = Http { user_agent: Some("loader/7".into()), ..short() };
    service(&server.url(), &options).status(Uuid::nil()).await.unwrap();
    let expected = format!(
        "GET /v2/batches/inspect/{} HTTP/1.1\r\naccept: application/json\r\n\
         authorization: Basic dGhlLWNsaWVudC1rZXk6dGhlLWFwaS10b2tlbg==\r\n\
         user-agent: loader/7 cdp-batch/{}\r\nhost: {}\r\n\r\n",
        Uuid::nil(),
        env!("CARGO_PKG_VERSION"),
        server.address
    );
    assert_eq!(server.head(), expected);
}

#[tokio::test]
async fn silence_is_a_timeout_before_the_head_and_inside_the_body() {
    let server = Server::start(hold);
    says(&status_error(&server.url(), &short()).await, Kind::Timeout, "http.stall_timeout_ms");
    let server = Server::start(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"status\"")?;
        hold(stream)
    });
    says(&status_error(&server.url(), &short()).await, Kind::Timeout, "http.stall_timeout_ms");
    says(&log_error(&server, &short()).await, Kind::Timeout, "http.stall_timeout_ms");
    let server = Server::start(hold);
    says(&upload_error(&server.url(), 32 << 20).await, Kind::Timeout, "http.stall_timeout_ms");
}

#[tokio::test]
async fn a_request_that_never_stands_still_ends_at_its_own_limit() {
    let server = Server::start(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        endless(stream, b"\n")
    });
    let options = Http { request_timeout_ms: 200, ..short() };
    says(&log_error(&server, &options).await, Kind::Timeout, "http.request_timeout_ms");
}

#[tokio::test]
async fn a_cut_answer_is_unavailable() {
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"status\"",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"sta",
    ] {
        says(&status_error(&Server::saying(answer).url(), &short()).await, Kind::Unavailable, "127.0.0.1");
    }
}

#[tokio::test]
async fn an_error_page_that_is_cut_still_tells_its_status() {
    let server = Server::saying("HTTP/1.1 401 Unauthorized\r\nContent-Length: 100\r\n\r\n{\"mess");
    says(&status_error(&server.url(), &short()).await, Kind::Unauthorized, "HTTP 401: {\"mess");
}

#[tokio::test]
async fn what_is_not_http_is_unavailable() {
    let server = Server::saying("SSH-2.0-OpenSSH_9.2\r\n");
    says(&status_error(&server.url(), &short()).await, Kind::Unavailable, "127.0.0.1");
}

#[tokio::test]
async fn a_redirect_is_refused_and_its_target_hears_nothing() {
    let target = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    for status in [301, 302, 307, 308] {
        let head = format!("HTTP/1.1 {status} Moved\r\nLocation: {}/\r\nContent-Length: 0\r\n\r\n", target.url());
        let server = Server::saying(head);
        says(&status_error(&server.url(), &short()).await, Kind::Protocol, "a redirect is never followed");
        says(&upload_error(&server.url(), 10).await, Kind::Protocol, "a redirect is never followed");
    }
    assert!(target.heads.try_recv().is_err());
}

#[tokio::test]
async fn an_early_refusal_is_heard_while_the_part_is_still_being_sent() {
    let server = Server::start(|stream| {
        let xml = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
        write!(stream, "HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\n\r\n{xml}", xml.len())?;
        hold(stream)
    });
    says(&upload_error(&server.url(), 8 << 20).await, Kind::UploadExpired, "AccessDenied: Request has expired");
}

#[tokio::test]
async fn nobody_there_and_nobody_known_are_told_apart() {
    let dead = refused_address();
    says(
        &status_error(&format!("http://{dead}"), &short()).await,
        Kind::Unavailable,
        "127.0.0.1 refused the connection",
    );
    let proxied = Http { proxy: Some(format!("http://{dead}")), ..short() };
    says(&status_error("https://api.example", &proxied).await, Kind::Unavailable, "the proxy refused the connection");
    let unknown = Http { proxy: Some("http://no-such-host.invalid:3128".into()), ..short() };
    says(
        &status_error("https://api.example", &unknown).await,
        Kind::Unavailable,
        "the proxy cannot be found, its host name is unknown",
    );
}

#[tokio::test]
async fn a_proxy_from_the_options_is_used_for_everything_and_never_gets_the_token_in_a_tunnel() {
    let proxy = Server::saying("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    let options = Http { proxy: Some(proxy.url()), ..short() };
    says(&status_error("http://127.0.0.1:9", &options).await, Kind::InvalidOptions, "the proxy asks for credentials");
    assert!(proxy.head().starts_with("GET http://127.0.0.1:9/v2/batches/inspect/"));
    says(&status_error("https://api.example", &options).await, Kind::InvalidOptions, "the proxy asks for credentials");
    let tunnel = proxy.head();
    assert!(tunnel.starts_with("CONNECT api.example:443 HTTP/1.1\r\n"), "{tunnel}");
    assert!(!tunnel.to_lowercase().contains("\r\nauthorization"), "{tunnel}");
    let broken = Server::saying("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    let options = Http { proxy: Some(broken.url()), ..short() };
    says(&status_error("https://api.example", &options).await, Kind::Unavailable, "the proxy would not connect");
}

/// Runs itself again in a process whose environment names a proxy that is not there.
#[tokio::test]
async fn a_proxy_of_the_environment_is_for_other_machines_alone() {
    if std::env::var_os("DEAD_PROXY").is_some() {
        let server = Server::saying("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        says(&status_error(&server.url(), &short()).await, Kind::NotFound, "check the ref");
        let words = "api.example (or the proxy of the environment) refused the connection";
        return says(&status_error("https://api.example", &short()).await, Kind::Unavailable, words);
    }
    let dead = format!("http://{}", refused_address());
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_proxy_of_the_environment_is_for_other_machines_alone"])
        .envs(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].map(|name| (name, &dead)))
        .envs([("NO_PROXY", ""), ("DEAD_PROXY", "1")])
        .output();
    let output = child.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[tokio::test]
async fn tls_against_a_server_without_it_says_so() {
    let server = Server::saying("HTTP/1.1 400 Bad Request\r\n\r\n");
    let base = format!("https://{}", server.address);
    says(&status_error(&base, &short()).await, Kind::Tls, "does not speak TLS");
}

#[tokio::test]
async fn a_handshake_without_end_is_given_up_as_a_connection_not_taken() {
    let server = Server::start(hold);
    let options = Http { connect_timeout_ms: 200, ..short() };
    let base = format!("https://{}", server.address);
    says(&status_error(&base, &options).await, Kind::Unavailable, "127.0.0.1 did not take the connection in time");
}

#[tokio::test]
async fn an_address_of_the_service_that_is_not_https_is_not_spoken_to() {
    says(&upload_error("http://s3.example", 10).await, Kind::Protocol, "is not https");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
    let server = Server::start(|stream| {
        stream.write_all(head)?;
        endless(stream, &[b' '; 65_536])
    });
    says(&status_error(&server.url(), &short()).await, Kind::Protocol, "is longer than 16 MiB");
    let server = Server::start(|stream| {
        stream.write_all(b"HTTP/1.1 500 Oops\r\n\r\n")?;
        endless(stream, &[b'x'; 65_536])
    });
    says(&status_error(&server.url(), &short()).await, Kind::Unavailable, "HTTP 500: xxx");
    let server = Server::start(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        endless(stream, &[b'x'; 65_536])
    });
    says(&log_error(&server, &short()).await, Kind::Protocol, "a line of more than 1048576 bytes");
}

#[tokio::test]
async fn a_log_that_is_a_bomb_is_cut_off_and_one_marked_as_encoded_is_read_as_it_is() {
    let zip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\n\r\n";
    let bomb = Server::saying([head.as_bytes(), &zip(&vec![b'x'; 20_000_000])].concat());
    says(&log_error(&bomb, &short()).await, Kind::Protocol, "a line of more than 1048576 bytes");
    let server = Server::saying([head.as_bytes(), &zip(b"{\"code\":400,\"message\":\"m\"}")].concat());
    let url = SafeUrl::parse(&format!("{}/log.gz", server.url())).unwrap();
    let mut codes = Vec::new();
    let summary = service(&server.url(), &short()).log(&url, |entry| codes.push(entry.code)).await.unwrap();
    assert_eq!((summary.entries, codes), (1, vec!["400".to_string()]));
    assert!(!server.head().to_lowercase().contains("accept-encoding"));
}

#[tokio::test]
async fn unusable_options_are_named() {
    let credentials = Credentials { client_key: Secret::new("k"), api_token: Secret::new("t") };
    let base = BaseUrl::of_region("eu").unwrap();
    let mut no_pem = tempfile::NamedTempFile::new().unwrap();
    no_pem.write_all(b"not a certificate").unwrap();
    let mut bad_pem = tempfile::NamedTempFile::new().unwrap();
    bad_pem.write_all(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    for (options, kind, word) in [
        (Http { proxy: Some("not a proxy".into()), ..short() }, Kind::InvalidOptions, "http.proxy"),
        (Http { proxy: Some("socks5://127.0.0.1:1".into()), ..short() }, Kind::InvalidOptions, "http.proxy"),
        (Http { user_agent: Some("a\nb".into()), ..short() }, Kind::InvalidOptions, "http.user_agent"),
        (Http { ca_file: Some("/no/such/ca.pem".into()), ..short() }, Kind::Io, "/no/such/ca.pem: No such file"),
        (Http { ca_file: Some(no_pem.path().into()), ..short() }, Kind::InvalidOptions, "holds no PEM certificate"),
        (Http { ca_file: Some(bad_pem.path().into()), ..short() }, Kind::InvalidOptions, "is not usable"),
    ] {
        let error = Service::new(base.clone(), &credentials, &options).err().unwrap();
        says(&error, kind, word);
    }
}

#[tokio::test]
async fn a_list_filter_that_does_not_exist_is_refused_before_anything_is_sent() {
    let server = Server::saying("");
    let query = ListQuery { limit: Some(0), ..ListQuery::default() };
    says(&service(&server.url(), &short()).list(&query).await.unwrap_err(), Kind::InvalidOptions, "limit is 0");
    assert!(server.heads.try_recv().is_err());
}
