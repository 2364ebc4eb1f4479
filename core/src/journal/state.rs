//! Where a part stands.

use serde::Serialize;

/// Where a part stands, as far as this side knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Being packed.
    Planned,
    /// At rest, and not yet announced to the service.
    Packed,
    /// About to be allocated, perhaps done.
    Allocating,
    /// Allocated.
    Allocated,
    /// About to be sent, perhaps done.
    Sending,
    /// Storage has it.
    Sent,
    /// Every record of it is confirmed or explained.
    Confirmed,
    /// The service found other bytes than were sent.
    Corrupted,
    /// The service could not say what came of every record.
    Failed,
    /// It goes under another ref now.
    Abandoned,
}

const ALL: [State; 10] = [
    State::Planned,
    State::Packed,
    State::Allocating,
    State::Allocated,
    State::Sending,
    State::Sent,
    State::Confirmed,
    State::Corrupted,
    State::Failed,
    State::Abandoned,
];

impl State {
    /// Its name in the journal.
    pub const fn name(self) -> &'static str {
        match self {
            State::Planned => "planned",
            State::Packed => "packed",
            State::Allocating => "allocating",
            State::Allocated => "allocated",
            State::Sending => "sending",
            State::Sent => "sent",
            State::Confirmed => "confirmed",
            State::Corrupted => "corrupted",
            State::Failed => "failed",
            State::Abandoned => "abandoned",
        }
    }

    /// The state of this name. A name that is none counts as `sending`: in doubt, so the service is asked.
    pub(super) fn named(name: &str) -> Self {
        ALL.into_iter().find(|state| state.name() == name).unwrap_or(State::Sending)
    }

    /// Whether the service has had its say: nothing more is sent.
    pub(crate) const fn is_final(self) -> bool {
        matches!(self, State::Confirmed | State::Corrupted | State::Failed)
    }
}
