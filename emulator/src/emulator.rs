//! The running emulator, as tests, the demo and the command line hold it.

use crate::arrived::ArrivedRecord;
use crate::batch::BatchEntry;
use crate::config::Config;
use crate::faults::FaultPlan;
use crate::journal::RequestEntry;
use crate::process;
use crate::service::Service;
use crate::tls::certify;
use crate::{admin, server};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// A local Batch API, running on threads of its own until it is shut down or dropped. All methods may be called from
/// any thread, inside an async runtime too.
pub struct Emulator {
    service: Arc<Service>,
    address: SocketAddr,
    admin: SocketAddr,
    ca_pem: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Emulator {
    /// Starts an emulator; it answers as soon as this returns.
    ///
    /// # Errors
    /// When an address cannot be listened on, the state folder cannot be read or written, or a setting is impossible.
    pub fn start(config: Config) -> io::Result<Self> {
        if config.records_per_second.is_some_and(|pace| !(pace.is_finite() && pace > 0.0)) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "records_per_second must be above 0"));
        }
        if !(200..300).contains(&config.allocate_status) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "allocate_status must be from 200 to 299"));
        }
        let (listener, address) = bind(config.listen)?;
        let (admin_listener, admin_address) = bind(config.admin)?;
        let (tls, ca_pem) = match config.tls.then(|| certify(config.listen.ip())).transpose()? {
            Some((server, pem)) => (Some(TlsAcceptor::from(server)), Some(pem)),
            None => (None, None),
        };
        let (service, orders) = Service::new(config)?;
        let service = Arc::new(service);
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        {
            let _inside = runtime.enter();
            let listener = tokio::net::TcpListener::from_std(listener)?;
            runtime.spawn(server::listen(listener, tls, service.clone()));
            let listener = tokio::net::TcpListener::from_std(admin_listener)?;
            runtime.spawn(admin::listen(listener, service.clone()));
        }
        let (stop, stopped) = oneshot::channel();
        let mut emulator =
            Self { service, address, admin: admin_address, ca_pem, stop: Some(stop), threads: Vec::new() };
        emulator.threads.push(spawn("emulator-http", move || keep(runtime, stopped))?);
        let service = emulator.service.clone();
        emulator.threads.push(spawn("emulator-process", move || process::run(&service, &orders))?);
        Ok(emulator)
    }

    /// Base URL of the Batch API, without a final slash.
    #[must_use]
    pub fn base_url(&self) -> String {
        let scheme = if self.ca_pem.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Base URL of the admin paths, without a final slash.
    #[must_use]
    pub fn admin_url(&self) -> String {
        format!("http://{}", self.admin)
    }

    /// Certificate of the authority that signed the server's, as PEM; only with [`Config::tls`].
    #[must_use]
    pub fn ca_pem(&self) -> Option<String> {
        self.ca_pem.clone()
    }

    /// Lets `router` answer every path outside the service's own, `/` among them. Its requests are in no journal and meet
    /// no faults. Only the first router counts.
    pub fn mount(&self, router: axum::Router) {
        let _ = self.service.fallback.set(router);
    }

    /// The first segment of object paths. Real ones give away the Client Key, so no client may show it anywhere.
    #[must_use]
    pub fn tenant(&self) -> String {
        self.service.credentials.tenant.clone()
    }

    /// Every record accepted so far, in the order of processing, read back from the stored files.
    #[must_use]
    pub fn arrived(&self) -> Vec<ArrivedRecord> {
        self.service.arrived(None).collect()
    }

    /// The request journal, in the order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestEntry> {
        self.service.journal.entries()
    }

    /// All batches, in the order of allocation.
    #[must_use]
    pub fn batches(&self) -> Vec<BatchEntry> {
        self.service.store.entries()
    }

    /// Replaces the fault plan; counting of requests starts anew.
    pub fn set_faults(&self, plan: FaultPlan) {
        self.service.faults.replace(plan);
    }

    /// Moves the clock forward: URLs expire, batches leave the 30-day list, paced processing goes on.
    pub fn advance_clock(&self, by: Duration) {
        self.service.clock.advance(by);
    }

    /// Forgets batches, records, requests and the clock's advance, and starts the first fault plan anew.
    ///
    /// # Errors
    /// When files of the state folder cannot be removed.
    pub fn reset(&self) -> io::Result<()> {
        self.service.reset()
    }

    /// Closes all connections and ends all threads; the same happens on drop.
    pub fn shutdown(self) {}
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.service.stop();
        drop(self.stop.take());
        for thread in self.threads.drain(..) {
            // A thread that panicked has ended, which is all that is wanted here.
            let _ = thread.join();
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)
        .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}")))?;
    listener.set_nonblocking(true)?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(work)
}

/// Holds the runtime until told to stop; dropping it here, on a plain thread, ends all its tasks.
fn keep(runtime: Runtime, stopped: oneshot::Receiver<()>) {
    // The sender is never used, only dropped.
    let _ = runtime.block_on(stopped);
}
