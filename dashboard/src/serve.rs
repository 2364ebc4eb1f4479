//! The page on a port of this machine, for one person.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;

use crate::Page;
use crate::guard::Lock;

/// A page that is being served; dropping it ends it.
pub struct Served {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Serves a page on a free loopback port until the returned value is dropped.
///
/// # Errors
/// When no port or thread can be had.
pub fn serve(page: Page) -> io::Result<Served> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let lock = Lock::new(listener.local_addr()?);
    let (url, router) = (lock.url(), lock.put_on(page.router()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    let (stop, stopped) = oneshot::channel();
    let thread = thread::Builder::new().name("cdp-batch-page".into()).spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = axum::serve(listener, router) => {}
                // The sender is never used, only dropped.
                _ = stopped => {}
            }
        });
        // What is being asked of the service need not be waited for.
        runtime.shutdown_background();
    })?;
    Ok(Served { url, stop: Some(stop), thread: Some(thread) })
}

impl Served {
    /// Where the page is, with the token that opens it once.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has ended, which is all that is wanted here.
            let _ = thread.join();
        }
    }
}
