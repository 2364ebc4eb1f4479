//! The bytes of a part on their way to storage: of known length, read anew for every try.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use crate::crash;
use crate::error::{Error, Result, Stage};

/// Bytes handed to the network at a time: small enough for honest progress, large enough to cost nothing.
const PIECE: usize = 128 * 1024;

/// A packed part, in memory or at rest.
#[derive(Clone, Debug)]
pub enum PartBody {
    /// The bytes themselves.
    Bytes(Bytes),
    /// A file and its size in bytes; a file that is shorter when it is sent is an error.
    File(PathBuf, u64),
}

/// Told how many bytes of the part were handed to the network in this try, after each piece.
pub type OnSent = Arc<dyn Fn(u64) + Send + Sync>;

impl PartBody {
    /// Its size in bytes, which is also its `Content-Length`.
    pub fn size(&self) -> u64 {
        match self {
            PartBody::Bytes(bytes) => bytes.len() as u64,
            PartBody::File(_, size) => *size,
        }
    }

    /// The pieces, in order, exactly [`PartBody::size`] bytes in all.
    ///
    /// # Errors
    /// `io` when the file cannot be opened; the stream says `io` when it cannot be read to its size.
    pub(super) async fn pieces(&self) -> Result<BoxStream<'static, Result<Bytes>>> {
        match self {
            PartBody::Bytes(bytes) => {
                let cut = |mut rest: Bytes| async move {
                    let piece = rest.split_to(rest.len().min(PIECE));
                    (!piece.is_empty()).then_some((Ok(piece), rest))
                };
                Ok(stream::unfold(bytes.clone(), cut).boxed())
            }
            PartBody::File(path, size) => {
                let name = path.display().to_string();
                crash::disk("open part to send").map_err(|cause| unreadable(&name, cause))?;
                let file = File::open(path).await.map_err(|cause| unreadable(&name, cause))?;
                Ok(stream::try_unfold((file, *size, name), read_piece).boxed())
            }
        }
    }
}

type Reading = (File, u64, String);

async fn read_piece((mut file, left, name): Reading) -> Result<Option<(Bytes, Reading)>> {
    if left == 0 {
        return Ok(None);
    }
    crash::disk("read part to send").map_err(|cause| unreadable(&name, cause))?;
    let mut piece = BytesMut::with_capacity(PIECE.min(usize::try_from(left).unwrap_or(PIECE)));
    let read = (&mut file).take(left).read_buf(&mut piece).await.map_err(|cause| unreadable(&name, cause))?;
    if read == 0 {
        return Err(unreadable(&name, std::io::Error::other("it is shorter than when it was packed")));
    }
    Ok(Some((piece.freeze(), (file, left - read as u64, name))))
}

fn unreadable(name: &str, cause: std::io::Error) -> Error {
    Error::io(format!("could not read the part {name}"), cause).with_stage(Stage::Upload)
}
