//! Every check of the S3 side (protocol.md section 2.4), over real HTTP.

use crate::support::{Bench, guest, gzip, md5_base64, md5_hex, reference};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cdp_batch_emulator::Status;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// Sends a PUT through `change`; gives status and body of the answer.
async fn refused(bench: &Bench, change: impl Fn(reqwest::RequestBuilder) -> reqwest::RequestBuilder) -> (u16, String) {
    let file = gzip(&guest(1));
    let url = bench.url_for(reference(1), &file).await;
    let answer = change(bench.put(&url, &file)).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/xml");
    assert!(answer.headers().contains_key("x-amz-request-id"));
    let result = (answer.status().as_u16(), answer.text().await.unwrap());
    assert_eq!(bench.emulator.batches()[0].status, Status::Uploading, "nothing arrived");
    result
}

fn has_code(answer: &(u16, String), status: u16, code: &str) {
    assert!(answer.0 == status && answer.1.contains(&format!("<Code>{code}</Code>")), "{answer:?}");
}

#[tokio::test]
async fn an_upload_as_documented_is_answered_200_without_a_body() {
    let bench = Bench::new();
    let file = gzip(&guest(1));
    let url = bench.url_for(reference(1), &file).await;
    let answer = bench.put(&url, &file).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["etag"], format!("\"{}\"", md5_hex(&file)));
    assert_eq!(answer.bytes().await.unwrap(), "");
}

#[tokio::test]
async fn a_missing_signed_header_breaks_the_signature() {
    let bench = Bench::new();
    for name in ["content-md5", "x-amz-server-side-encryption"] {
        let without = |request: reqwest::RequestBuilder| {
            let (client, request) = request.build_split();
            let mut request = request.unwrap();
            request.headers_mut().remove(name);
            reqwest::RequestBuilder::from_parts(client, request)
        };
        let answer = refused(&bench, without).await;
        has_code(&answer, 403, "SignatureDoesNotMatch");
        assert!(answer.1.contains("<StringToSign>") && answer.1.contains("<CanonicalRequest>"));
    }
}

#[tokio::test]
async fn a_changed_signed_header_breaks_the_signature() {
    let bench = Bench::new();
    let set = |name: &'static str, value: String| {
        move |request: reqwest::RequestBuilder| {
            let (client, request) = request.build_split();
            let mut request = request.unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
            reqwest::RequestBuilder::from_parts(client, request)
        }
    };
    let kms = refused(&bench, set("x-amz-server-side-encryption", "aws:kms".into())).await;
    has_code(&kms, 403, "SignatureDoesNotMatch");
    let of_other_bytes = refused(&bench, set("content-md5", md5_base64(b"other"))).await;
    has_code(&of_other_bytes, 403, "SignatureDoesNotMatch");
    let of_hex_text = refused(&bench, set("content-md5", STANDARD.encode(md5_hex(&gzip(&guest(1)))))).await;
    has_code(&of_hex_text, 403, "SignatureDoesNotMatch");
    let violations = bench.emulator.requests().last().unwrap().violations.clone();
    assert_eq!(violations, ["Content-Md5 is the Base64 of the hexadecimal text, not of the 16 bytes"]);
    let no_base64 = refused(&bench, set("content-md5", "b1d600dbf7463924".repeat(2) + "!")).await;
    has_code(&no_base64, 400, "InvalidDigest");
}

#[tokio::test]
async fn an_unsigned_amazon_header_and_a_second_authorization_are_refused() {
    let bench = Bench::new();
    let extra = refused(&bench, |request| request.header("x-amz-checksum-crc32", "AAAAAA==")).await;
    has_code(&extra, 403, "AccessDenied");
    assert!(extra.1.contains("<HeadersNotSigned>x-amz-checksum-crc32</HeadersNotSigned>"), "{extra:?}");
    let basic = refused(&bench, |request| request.basic_auth("key", Some("token"))).await;
    has_code(&basic, 400, "InvalidArgument");
}

#[tokio::test]
async fn other_bytes_than_the_digest_names_are_refused() {
    let bench = Bench::new();
    let answer = refused(&bench, |request| request.body("other bytes")).await;
    has_code(&answer, 400, "BadDigest");
    assert!(answer.1.contains(&format!("<CalculatedDigest>{}<", md5_base64(b"other bytes"))), "{answer:?}");
}

#[tokio::test]
async fn a_url_lives_one_hour_of_the_emulators_clock() {
    let bench = Bench::new();
    let file = gzip(&guest(1));
    let url = bench.url_for(reference(1), &file).await;
    bench.emulator.advance_clock(Duration::from_secs(3601));
    let answer = bench.put(&url, &file).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    let body = answer.text().await.unwrap();
    assert!(body.contains("<Code>AccessDenied</Code><Message>Request has expired</Message>"), "{body}");
    let url = bench.url_for(reference(1), &file).await;
    assert_eq!(bench.put(&url, &file).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn urls_are_good_for_their_own_method_and_object_only() {
    let bench = Bench::new();
    let file = gzip(&guest(1));
    let url = bench.url_for(reference(1), &file).await;
    let other = bench.url_for(reference(2), &file).await;
    assert_eq!(bench.client.get(&url).send().await.unwrap().status(), 403);
    let (path, query) = (url.split_once('?').unwrap().0, other.split_once('?').unwrap().1);
    let swapped = path.replace(&reference(1).to_string(), &reference(2).to_string());
    assert_eq!(bench.put(&format!("{path}?{query}"), &file).send().await.unwrap().status(), 403);
    assert_eq!(bench.put(&swapped, &file).send().await.unwrap().status(), 403, "no signature at all");
    let nowhere = path.replace("import.gz", "export.gz");
    assert_eq!(bench.put(&nowhere, &file).send().await.unwrap().status(), 404);
}

/// Writes `head` and `body` on a plain socket, stops sending, and gives all that comes back.
fn talk(bench: &Bench, url: &str, headers: &str, body: &[u8]) -> String {
    let address = bench.emulator.base_url().replace("http://", "");
    let target = url.split_once(&address).unwrap().1;
    let mut socket = TcpStream::connect(&address).unwrap();
    let head = format!("PUT {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    socket.write_all(body).unwrap();
    socket.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test]
async fn the_length_must_be_announced_and_kept() {
    let bench = Bench::new();
    let file = gzip(&guest(1));
    let url = bench.url_for(reference(1), &file).await;
    let signed = format!("content-md5: {}\r\nx-amz-server-side-encryption: AES256\r\n", md5_base64(&file));

    let none = talk(&bench, &url, &signed, b"");
    assert!(none.starts_with("HTTP/1.1 411 ") && none.contains("<Code>MissingContentLength</Code>"), "{none}");

    let chunked = talk(&bench, &url, &format!("{signed}transfer-encoding: chunked\r\n"), b"1\r\nx\r\n0\r\n\r\n");
    assert!(
        chunked.starts_with("HTTP/1.1 501 ") && chunked.contains("<Header>Transfer-Encoding</Header>"),
        "{chunked}"
    );

    let longer = format!("{signed}content-length: {}\r\n", file.len() + 1);
    let short = talk(&bench, &url, &longer, &file);
    assert!(short.starts_with("HTTP/1.1 400 ") && short.contains("<Code>IncompleteBody</Code>"), "{short}");

    assert_eq!(bench.emulator.batches()[0].uploads, 0);
    let exact = format!("{signed}content-length: {}\r\n", file.len());
    assert!(talk(&bench, &url, &exact, &file).starts_with("HTTP/1.1 200 "));
    let requests = bench.emulator.requests();
    assert_eq!(requests.last().unwrap().violations, ["Content-Type is not application/gzip"]);
}

#[tokio::test]
async fn a_second_upload_is_noticed_and_not_processed_again() {
    let bench = Bench::new();
    let file = gzip(&guest(1));
    let url = bench.url_for(reference(1), &file).await;
    for _ in 0..2 {
        assert_eq!(bench.put(&url, &file).send().await.unwrap().status(), 200);
    }
    bench.end_of(reference(1)).await;
    assert_eq!(bench.emulator.arrived().len(), 1);
    let batch = bench.emulator.batches().remove(0);
    assert_eq!((batch.uploads, batch.violations), (2, vec!["the file was uploaded more than once".to_owned()]));
}
