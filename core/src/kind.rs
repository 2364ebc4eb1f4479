//! THE error table: one row per kind. Every list of kinds anywhere is generated from [`Kind::ALL`].
//!
//! A kind exists only if a caller would act differently on it. Numbers are frozen and append-only: they are the
//! C ABI's return codes.

use serde::{Serialize, Serializer};

/// Defines [`Kind`] and its columns from one table, so that no column can miss a row.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $number:literal, $name:literal, $retryable:literal, $python:literal, $advice:literal;)+) => {
        /// What went wrong, coarsely enough to act on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[doc = $doc])+ $kind = $number,)+
        }

        impl Kind {
            /// Every kind, in the order of its number.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind,)+];

            /// The name every language uses as `code`.
            pub const fn name(self) -> &'static str {
                match self { $(Kind::$kind => $name,)+ }
            }

            /// Whether the same call may succeed later without a change.
            pub const fn retryable(self) -> bool {
                match self { $(Kind::$kind => $retryable,)+ }
            }

            /// The builtin Python exception its class also derives from; empty for none.
            pub const fn python_base(self) -> &'static str {
                match self { $(Kind::$kind => $python,)+ }
            }

            /// What the caller should do.
            pub const fn advice(self) -> &'static str {
                match self { $(Kind::$kind => $advice,)+ }
            }
        }
    };
}

kinds! {
    /// An option is unknown, out of range or contradicts another.
    InvalidOptions = 101, "invalid_options", false, "ValueError", "fix the call: the message names the option and the nearest known one";
    /// A record is not what the service accepts, and `on_invalid = stop`.
    InvalidRecord = 102, "invalid_record", false, "ValueError", "fix that line";
    /// A record alone is larger than a batch may be.
    RecordTooLarge = 103, "record_too_large", false, "ValueError", "shrink that record";
    /// A file or disk could not be read or written.
    Io = 110, "io", false, "OSError", "look at the file or disk";
    /// The journal cannot be used.
    Journal = 111, "journal", false, "RuntimeError", "look at the journal: the message says which run holds it";
    /// The service refused the credentials.
    Unauthorized = 201, "unauthorized", false, "PermissionError", "fix the Client Key or API Token, and check that the token is switched on";
    /// The service refused the request.
    Rejected = 202, "rejected", false, "", "read the message and fix the request";
    /// The service does not know this batch.
    NotFound = 203, "not_found", false, "LookupError", "check the ref: the service lists batches for 30 days";
    /// The ref is taken by other bytes.
    Conflict = 204, "conflict", false, "", "use another run id: this ref is taken by other bytes";
    /// The service asks to slow down.
    RateLimited = 210, "rate_limited", true, "", "wait retry_after_ms, then call again";
    /// The service cannot be reached or is down.
    Unavailable = 211, "unavailable", true, "ConnectionError", "try later";
    /// The TLS connection was not trusted.
    Tls = 212, "tls", false, "ConnectionError", "set ca_file or the system trust store";
    /// The answer did not come in time. Not a failure: the work may still finish.
    Timeout = 213, "timeout", true, "TimeoutError", "carry on by waiting for the refs";
    /// The upload location expired, also after allocating again.
    UploadExpired = 220, "upload_expired", true, "", "run again: a new location was already tried once";
    /// The bytes that arrived are not the bytes that were sent.
    Integrity = 221, "integrity", true, "", "run again, and report it if it repeats";
    /// The service says the batch does not match its checksum or size.
    BatchCorrupted = 230, "batch_corrupted", false, "", "read the report: the batches that failed are named there";
    /// Records were refused; everything else was loaded.
    RecordsRejected = 231, "records_rejected", false, "", "read the report, then fix and send the rejects";
    /// The service answered something unknown.
    Protocol = 240, "protocol", false, "", "report it: the answer is attached, redacted";
    /// The call was cancelled.
    Cancelled = 301, "cancelled", false, "", "nothing";
    /// The client is closed, or belongs to the process this one was forked from.
    Closed = 302, "closed", false, "RuntimeError", "make a new client, also after a fork";
    /// A bug in cdp-batch.
    Internal = 900, "internal", false, "RuntimeError", "report this bug";
}

impl Kind {
    /// The frozen number, which is also the C return code.
    pub const fn number(self) -> u16 {
        self as u16
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
