//! What usually helps when the service refuses a record, in plain words: the messages of protocol.md sections 5.1 and
//! 5.2, as data.

const IDENTITY: &str = "give the guest an identifier (provider and id), or an email if the tenant identifies by email";
const GONE: &str = "nothing has this identity; it may be deleted already, else correct it";
/// A deletion that found several guests has deleted one of them (protocol.md section 4.5).
const REPEAT: &str = "several guests matched and one was deleted; send the record again until none is found";

/// A part of the message in lower case, and what to do. The first row that matches counts.
const ADVICE: [(&str, &str); 13] = [
    ("identifying info", IDENTITY),
    ("identity information missing", IDENTITY),
    ("failed to parse import line", "the line is not one JSON object; check=envelope finds such lines before sending"),
    ("validation error", "an attribute has a wrong type, or the tenant does not define this extension attribute"),
    ("unsupported mode", "the schema does not take this mode; guests take upsert"),
    ("action not allowed", "the API key lacks the permission, or the guest to delete has an open session"),
    ("open session", "the guest has an open session; send the record again once it has ended"),
    ("more than one order exists", "add the orderedAt of the order to delete"),
    ("no order found", GONE),
    ("not found", GONE),
    ("already exists", "use mode upsert, which creates or updates"),
    ("1st match deleted", REPEAT),
    ("internal", "a fault of the service, not of the record; send it again"),
];

/// What usually helps; `None` for a message nobody has written down.
pub(crate) fn help(message: &str) -> Option<&'static str> {
    let message = message.to_ascii_lowercase();
    ADVICE.iter().find(|(says, _)| message.contains(says)).map(|(_, help)| *help)
}

/// Whether the service did only a part of what the record asks for, so that it must be sent again.
#[cfg(feature = "client")]
pub(crate) fn must_repeat(message: &str) -> bool {
    help(message) == Some(REPEAT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_of_the_documents_has_advice_but_those_of_success() {
        for message in [
            "Validation error",
            "Validation error: ext.attr",
            "Identity information missing",
            "Unsupported mode",
            "Action not allowed",
            "Not enough identifying information",
            "Not Enough Identifying Info",
            "Failed to parse import line",
            "Guest not found",
            "Unable to migrate Guest with open session",
            "More than one order exists with that referenceId, please supply the orderedAt date",
            "No order found for the provided referenceId and orderedAt attributes",
        ] {
            assert!(help(message).is_some(), "{message}");
        }
        assert_eq!(help("Guest and associated entities deleted"), None);
    }

    #[cfg(feature = "client")]
    #[test]
    fn only_a_deletion_that_left_some_guests_must_be_repeated() {
        assert!(must_repeat("3 matches found for this guest, 1st match deleted"));
        assert!(!must_repeat("3 matches found for this guest"));
        assert!(!must_repeat("Guest and associated entities deleted"));
    }
}
