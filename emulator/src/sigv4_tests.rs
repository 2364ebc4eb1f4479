//! Held against URLs that botocore 1.44.5 made (`generate_presigned_url` of a boto3 client with `signature_version`
//! `s3v4`, path style, region `eu-west-1`, endpoint `https://s3.example.com/s3`, the credentials below, its clock set to
//! 2026-01-02T03:04:05Z): `put_object` with `ContentMD5` and `ServerSideEncryption`, and `get_object`.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use http::HeaderValue;

const HOST: &str = "s3.example.com";
const PATH: &str = "/s3/sitecore-batch-service-emulator-eu-west-1/abcdefghijklmnopqrstuvwxyz012345/12af3453-0b77-4b31-a646-0242ac120002/import.gz";
const PUT_QUERY: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIAVECTORVECTOR0001%2F20260102%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=content-md5%3Bhost%3Bx-amz-server-side-encryption&X-Amz-Security-Token=IQoJb3JpZ2lu%2Btoken%2Fwith%3Dsigns%3D%3D&X-Amz-Signature=a4343c4ac4c82403f4b1a33beaa04c319a7e65ddc3561e09f90a10586d335bc8";
const GET_QUERY: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIAVECTORVECTOR0001%2F20260102%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Security-Token=IQoJb3JpZ2lu%2Btoken%2Fwith%3Dsigns%3D%3D&X-Amz-Signature=09d3d0f58f9c79f167c69edf07bb50bc771ed85194439043dd6909d51e01dfe5";
const SIGNED: [(&str, &str); 2] =
    [("content-md5", "QNmhLwo8k8jtZqO283NXkA=="), ("x-amz-server-side-encryption", "AES256")];
const HOUR: Duration = Duration::from_hours(1);

fn signer() -> Signer {
    Signer::new("ASIAVECTORVECTOR0001", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2lu+token/with=signs==")
}

fn signed_at() -> Moment {
    Moment::from_amz("20260102T030405Z").unwrap()
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.insert(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn verify(method: &Method, host: &str, query: &str, headers: &HeaderMap, now: Moment) -> Result<(), Denied> {
    signer().verify(&Subject { method, path: PATH, query, host, headers }, now)
}

fn sorted(query: &str) -> Vec<&str> {
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.sort_unstable();
    pairs
}

#[test]
fn presigned_urls_carry_the_same_signature_as_botocores() {
    let put = signer().presign(&Method::PUT, HOST, PATH, &SIGNED, signed_at(), HOUR);
    assert_eq!(sorted(&put), sorted(PUT_QUERY));
    let get = signer().presign(&Method::GET, HOST, PATH, &[], signed_at(), HOUR);
    assert_eq!(sorted(&get), sorted(GET_QUERY));
}

#[test]
fn botocores_urls_are_accepted_until_they_expire() {
    let headers = headers(&SIGNED);
    assert_eq!(verify(&Method::PUT, HOST, PUT_QUERY, &headers, signed_at().plus(HOUR)), Ok(()));
    assert_eq!(verify(&Method::GET, HOST, GET_QUERY, &HeaderMap::new(), signed_at()), Ok(()));
    let late = signed_at().plus(HOUR + Duration::from_millis(1));
    let expired = Denied::Expired { after: 3600, at: signed_at().plus(HOUR) };
    assert_eq!(verify(&Method::PUT, HOST, PUT_QUERY, &headers, late), Err(expired));
    let early = signed_at().minus(HOUR);
    assert_eq!(verify(&Method::PUT, HOST, PUT_QUERY, &headers, early), Err(Denied::NotYetValid));
}

#[test]
fn any_change_of_what_is_signed_is_a_mismatch() {
    let is_mismatch = |method: &Method, host: &str, query: &str, headers: &HeaderMap| {
        matches!(verify(method, host, query, headers, signed_at()), Err(Denied::Mismatch { .. }))
    };
    let good = headers(&SIGNED);
    assert!(is_mismatch(&Method::POST, HOST, PUT_QUERY, &good), "method");
    assert!(is_mismatch(&Method::PUT, "other.example.com", PUT_QUERY, &good), "host");
    assert!(is_mismatch(&Method::PUT, HOST, PUT_QUERY, &headers(&SIGNED[..1])), "missing header");
    assert!(is_mismatch(&Method::PUT, HOST, PUT_QUERY, &headers(&[SIGNED[0], (SIGNED[1].0, "aws:kms")])), "value");
    assert!(is_mismatch(&Method::PUT, HOST, &PUT_QUERY.replace("=3600", "=7200"), &good), "expiry");
    assert!(is_mismatch(&Method::PUT, HOST, &PUT_QUERY.replace("token", "nekot"), &good), "token");
    assert!(is_mismatch(&Method::PUT, HOST, &PUT_QUERY.replace("=a4343", "=b4343"), &good), "signature");
    assert!(is_mismatch(&Method::PUT, HOST, &format!("{PUT_QUERY}&x-id=PutObject"), &good), "parameter");
}

#[test]
fn unsigned_amazon_headers_and_broken_parameters_are_told_apart() {
    let mut extra = headers(&SIGNED);
    extra.insert("x-amz-checksum-crc32", HeaderValue::from_static("AAAAAA=="));
    let unsigned = Denied::HeadersNotSigned(vec!["x-amz-checksum-crc32".into()]);
    assert_eq!(verify(&Method::PUT, HOST, PUT_QUERY, &extra, signed_at()), Err(unsigned));
    let good = headers(&SIGNED);
    assert_eq!(verify(&Method::PUT, HOST, "", &good, signed_at()), Err(Denied::NotSigned));
    let other_key = PUT_QUERY.replace("ASIAVECTOR", "ASIAOTHERS");
    assert_eq!(verify(&Method::PUT, HOST, &other_key, &good, signed_at()), Err(Denied::UnknownAccessKey));
    let no_date = PUT_QUERY.replace("X-Amz-Date", "X-Amz-Dote");
    assert!(matches!(verify(&Method::PUT, HOST, &no_date, &good, signed_at()), Err(Denied::Malformed(_))));
}
