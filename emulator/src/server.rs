//! Listening: connections in, each request through the gate.

use crate::gate::serve;
use crate::service::Service;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Accepts connections until the runtime ends.
pub(crate) async fn listen(listener: TcpListener, tls: Option<TlsAcceptor>, service: Arc<Service>) {
    loop {
        // A failed accept is the failure of one client.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let service = service.clone();
        match tls.clone() {
            None => drop(tokio::spawn(converse(stream, "http", service))),
            Some(tls) => drop(tokio::spawn(async move {
                if let Ok(stream) = tls.accept(stream).await {
                    converse(stream, "https", service).await;
                }
            })),
        }
    }
}

/// Serves one connection. An error from `serve` makes hyper close it (HTTP/1.1) or reset the stream (HTTP/2), which is
/// what a dropped answer is.
async fn converse<S>(stream: S, scheme: &'static str, service: Arc<Service>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let serve = service_fn(move |request| {
        let service = service.clone();
        async move { serve(&service, scheme, request).await }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    // A client that stops sending early still reads the answer to its short body.
    builder.http1().half_close(true);
    let _ = builder.serve_connection(TokioIo::new(stream), serve).await;
}
