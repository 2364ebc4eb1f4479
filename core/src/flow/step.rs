//! THE table of what to do when the outcome of a request is in doubt: ask the status, then look here. It is what keeps
//! a batch from being lost or sent twice (protocol.md sections 2.5 to 2.8).

use crate::api::batch::Status;
use crate::error::Error;

/// What is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Allocating got no answer: the service may know the ref or not.
    AllocateLost,
    /// Sending got no answer: storage may have the part or not.
    UploadLost,
    /// The service would not allocate the same ref a second time.
    ReallocateRefused,
}

/// What the service says of the ref when asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// It does not know it.
    NotFound,
    /// It waits for the file, and a location to send it to is at hand: told before or just now, and not expired.
    Uploading,
    /// It waits for the file, and no location is at hand.
    UploadingNowhere,
    /// The file waits in the queue.
    FileUploaded,
    /// The file is being read.
    Processing,
    /// Every record was taken.
    Success,
    /// Some records were refused.
    Error,
    /// The file does not match its checksum or size.
    Corrupted,
    /// A status the documents do not know.
    Unknown,
}

impl Observed {
    /// The observation that this status is; `location` says whether there is one that has not expired.
    pub fn of(status: &Status, location: bool) -> Self {
        match status {
            Status::Uploading if location => Observed::Uploading,
            Status::Uploading => Observed::UploadingNowhere,
            Status::FileUploaded => Observed::FileUploaded,
            Status::Processing => Observed::Processing,
            Status::Success => Observed::Success,
            Status::Error => Observed::Error,
            Status::Corrupted => Observed::Corrupted,
            Status::Unknown(_) => Observed::Unknown,
        }
    }
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Pause as for polling, ask again, and come back with `settled` set if nothing changed.
    AskAgain,
    /// Allocate the same ref with the same checksum; when the service refuses (`conflict`, `rejected`), come back with
    /// [`Doubt::ReallocateRefused`].
    Allocate,
    /// Give the ref up, mark it abandoned, and allocate the part under a fresh one.
    AllocateFresh,
    /// Send the part to the location at hand.
    Send,
    /// Storage has the part: wait for the service.
    Watch,
    /// The service has read the part: report.
    Finished,
}

/// The next step. `settled` says that the service gave the same answer before, a pause ago.
///
/// A ref is derived from the MD5, so a batch found further on than expected holds these very bytes: nothing is sent
/// again. `uploading` after a lost upload may only mean that the service has not noticed the file yet, and `not found`
/// that the node asked has not heard of the ref, so both must settle before anything that could double a batch.
pub const fn next(doubt: Doubt, observed: Observed, settled: bool) -> Next {
    use Doubt::{AllocateLost, ReallocateRefused, UploadLost};
    match (observed, doubt) {
        (Observed::NotFound, AllocateLost) => Next::Allocate,
        (Observed::NotFound, UploadLost) => unless_settled(settled, Next::Allocate),
        (Observed::NotFound, ReallocateRefused) => unless_settled(settled, Next::AllocateFresh),
        (Observed::Uploading, AllocateLost) => Next::Send,
        (Observed::Uploading, UploadLost | ReallocateRefused) => unless_settled(settled, Next::Send),
        (Observed::UploadingNowhere, AllocateLost) => Next::Allocate,
        (Observed::UploadingNowhere, UploadLost) => unless_settled(settled, Next::Allocate),
        (Observed::UploadingNowhere, ReallocateRefused) => unless_settled(settled, Next::AllocateFresh),
        (Observed::FileUploaded | Observed::Processing | Observed::Unknown, _) => Next::Watch,
        (Observed::Success | Observed::Error, _) => Next::Finished,
        (Observed::Corrupted, _) => Next::AllocateFresh,
    }
}

const fn unless_settled(settled: bool, then: Next) -> Next {
    if settled { then } else { Next::AskAgain }
}

/// Whether a failed request may have had its effect all the same: no answer came, or one that does not tell. Such a
/// request must not be repeated before its outcome was asked for.
pub fn in_doubt(error: &Error) -> bool {
    match error.http_status() {
        Some(status) => !(300..500).contains(&status),
        None => error.retryable(),
    }
}
