//! The only sockets there are. [`service::Service`] makes one try of each endpoint, [`retrier::Retrier`] tries again,
//! [`transport::Transport`] is what carries a request; [`network::Network`] is the one that really does.

pub mod body;
mod failure;
pub mod network;
pub mod retrier;
pub mod service;
mod tls;
pub mod transport;
