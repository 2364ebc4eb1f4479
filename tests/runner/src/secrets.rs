//! Planted secrets: whatever a driver prints or writes, none may be in it.

/// Parts of a presigned URL, secret wherever they stand.
const SIGNATURE: &[&str] = &["X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Credential"];

/// Says which outputs hold a secret, without repeating it.
pub(crate) fn found(outputs: &[(String, Vec<u8>)], secrets: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, bytes) in outputs {
        // Some languages write "/" as "\/" in JSON.
        let text = String::from_utf8_lossy(bytes).replace('\\', "");
        let all = secrets.iter().map(String::as_str).chain(SIGNATURE.iter().copied());
        for (number, _) in all.enumerate().filter(|(_, secret)| text.contains(secret)) {
            found.push(format!("{name} holds planted secret number {number}"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_also_when_its_slashes_are_escaped() {
        let outputs = [("output".to_owned(), br#"{"a":"Basic ab\/c="}"#.to_vec())];
        assert_eq!(found(&outputs, &["ab/c=".to_owned()]), ["output holds planted secret number 0"]);
        assert_eq!(found(&outputs, &["other".to_owned()]), [""; 0]);
    }
}
