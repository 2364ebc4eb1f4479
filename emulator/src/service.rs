//! Everything the listeners and the processing thread share.

use crate::arrived::{ArrivedRecord, arrived};
use crate::clock::{Clock, Moment};
use crate::config::Config;
use crate::credentials::Credentials;
use crate::faults::{Fault, Faults};
use crate::journal::{Journal, Notes};
use crate::process::Order;
use crate::shelf::Shelf;
use crate::store::Store;
use bytes::Bytes;
use http::request::Parts;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// An answer before faults touch it; bodies are small enough to be made in one piece.
pub(crate) type Answer = http::Response<Bytes>;

pub(crate) struct Service {
    pub(crate) config: Config,
    pub(crate) credentials: Credentials,
    pub(crate) clock: Clock,
    pub(crate) store: Arc<Store>,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    /// Answers whatever path the service does not have.
    pub(crate) fallback: OnceLock<axum::Router>,
    orders: Sender<Order>,
}

impl Service {
    /// The service and the orders its processing thread is to work on.
    pub(crate) fn new(config: Config) -> io::Result<(Self, Receiver<Order>)> {
        let (orders, inbox) = channel();
        let service = Self {
            credentials: Credentials::new(&config),
            clock: Clock::default(),
            store: Arc::new(Store::open(Shelf::open(config.state.as_deref())?)?),
            faults: Faults::new(config.faults.clone()),
            journal: Journal::default(),
            fallback: OnceLock::new(),
            config,
            orders,
        };
        for reference in service.store.unfinished() {
            service.order(Order::Process(reference, service.clock.now()));
        }
        Ok((service, inbox))
    }

    /// Tells the processing thread; after its end nobody listens and nothing happens.
    pub(crate) fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    pub(crate) fn arrived(&self, only: Option<Uuid>) -> impl Iterator<Item = ArrivedRecord> + Send + use<> {
        arrived(self.store.clone(), only)
    }

    /// Back to the state after a start with an empty state folder.
    pub(crate) fn reset(&self) -> io::Result<()> {
        self.faults.reset(self.config.faults.clone());
        self.clock.reset();
        self.journal.reset();
        self.store.reset()
    }

    pub(crate) fn stop(&self) {
        self.clock.stop();
        self.order(Order::Stop);
    }
}

/// One request while it is being answered.
pub(crate) struct Exchange<'a> {
    pub(crate) service: &'a Service,
    pub(crate) request: &'a Parts,
    /// Host and port the client used; URLs handed out carry the same.
    pub(crate) host: &'a str,
    pub(crate) scheme: &'static str,
    pub(crate) reference: Option<Uuid>,
    pub(crate) faults: &'a [Fault],
    pub(crate) now: Moment,
    pub(crate) request_id: &'a str,
    pub(crate) notes: Notes,
}

impl Exchange<'_> {
    pub(crate) fn meets(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }
}
