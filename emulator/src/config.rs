//! How an emulator is set up.

use crate::faults::FaultPlan;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Settings of an emulator; the default one serves on free loopback ports, in memory, without faults.
#[derive(Clone)]
pub struct Config {
    /// Where the Batch API and the S3 endpoint listen. Default: `127.0.0.1`, a free port.
    pub listen: SocketAddr,
    /// Where the admin paths listen, always plain HTTP. Default: `127.0.0.1`, a free port.
    pub admin: SocketAddr,
    /// User name of the Basic auth. When it has 32 letters and digits it is also the first segment of object paths, as
    /// with the real service (protocol.md section 1.2). Default: `emulatorclientkey000000000000000`.
    pub client_key: String,
    /// Password of the Basic auth. Default: `emulator-api-token`.
    pub api_token: String,
    /// Folder that keeps batches and bytes and is read back at the next start. Default: none, all in memory.
    pub state: Option<PathBuf>,
    /// Faults from the first request on. Default: none.
    pub faults: FaultPlan,
    /// Pace of processing on the emulator's clock; about 200 is the real service's (protocol.md section 2.5).
    /// Default: as fast as the machine allows.
    pub records_per_second: Option<f64>,
    /// Serve HTTPS with a certificate from [`crate::Emulator::ca_pem`], HTTP/2 and HTTP/1.1. Default: plain HTTP.
    pub tls: bool,
    /// HTTP code of a first allocate, which no document prints (protocol.md section 2.2). Default: 201.
    pub allocate_status: u16,
    /// What a second allocate of the same ref gets, which no document says (protocol.md section 2.8). Default:
    /// [`Reallocate::SameRef`].
    pub reallocate: Reallocate,
}

/// The answer to allocating a ref again with the same checksum and size while nothing has been uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reallocate {
    /// 200 and a new upload URL.
    SameRef,
    /// 409, as for a changed checksum.
    Conflict,
}

impl Default for Config {
    fn default() -> Self {
        let free_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            listen: free_port,
            admin: free_port,
            client_key: "emulatorclientkey000000000000000".into(),
            api_token: "emulator-api-token".into(),
            state: None,
            faults: FaultPlan::default(),
            records_per_second: None,
            tls: false,
            allocate_status: 201,
            reallocate: Reallocate::SameRef,
        }
    }
}
