//! The only sockets there are. [`service::Service`] makes one try of each endpoint, [`retrier::Retrier`] tries again,
//! [`transport::Transport`] is what carries a request; [`network::Network`] is the one that really does.

pub mod body;
mod failure;
pub mod network;
pub mod retrier;
pub mod service;
mod tls;
pub mod transport;

pub use body::{OnSent, PartBody};
pub use retrier::Retrier;
pub use service::Service;

use crate::api::region::BaseUrl;
use crate::error::Result;
use crate::options::Options;
use crate::secret::Credentials;

/// A service, and a client's patience with it. Cheap to clone; clones share connections and retry budget.
#[derive(Clone)]
pub(crate) struct Remote {
    pub(crate) service: Service,
    pub(crate) retrier: Retrier,
}

impl Remote {
    /// The service at this address, tried as the options say.
    ///
    /// # Errors
    /// `invalid_options` or `tls` for a network that cannot be set up so.
    pub(crate) fn new(base: BaseUrl, credentials: &Credentials, options: &Options) -> Result<Self> {
        let service = Service::new(base, credentials, &options.http)?;
        Ok(Remote { service, retrier: Retrier::new(options.retry.clone()) })
    }
}
