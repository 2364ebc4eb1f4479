//! Why a command failed, and the exit code that says so.

use std::fmt;

use cdp_batch::{Error, Kind};

/// All went well.
pub(crate) const SUCCESS: u8 = 0;
/// Some records were rejected.
pub(crate) const REJECTED: u8 = 1;
/// The command was used wrongly.
pub(crate) const USAGE: u8 = 2;
/// The service or the network failed.
pub(crate) const SERVICE: u8 = 3;
/// Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;

/// What a command returns: an exit code.
pub(crate) type Outcome = Result<u8, Failure>;

/// A failure that ends the program.
pub(crate) enum Failure {
    /// An error of the SDK.
    Run(Error),
    /// A local file or terminal that cannot be written, or an address that cannot be listened on.
    Local(String),
}

impl Failure {
    /// A local failure: what could not be done, and why.
    pub(crate) fn local(what: impl fmt::Display, why: impl fmt::Display) -> Self {
        Failure::Local(format!("{what}: {why}"))
    }

    /// Prints it to stderr and chooses the exit code.
    pub(crate) fn report(&self) -> u8 {
        match self {
            Failure::Local(message) => {
                eprintln!("cdp-batch: {message}");
                USAGE
            }
            Failure::Run(error) => {
                eprintln!("cdp-batch: {error}");
                if let (INTERRUPTED | SERVICE, Some(run_id)) = (exit_code(error), error.run_id()) {
                    eprintln!("to carry on, run the same command with --run-id {run_id}: no batch is sent twice");
                }
                exit_code(error)
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Run(error)
    }
}

/// The exit code of an error.
pub(crate) fn exit_code(error: &Error) -> u8 {
    match error.kind() {
        Kind::Cancelled => INTERRUPTED,
        Kind::InvalidRecord | Kind::RecordTooLarge | Kind::RecordsRejected => REJECTED,
        Kind::InvalidOptions | Kind::Io | Kind::Journal => USAGE,
        _ => SERVICE,
    }
}
