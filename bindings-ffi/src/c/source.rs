//! Where records come from.

use std::ffi::{c_int, c_void};
use std::fs::File;
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::os::fd::FromRawFd;

use cdp_batch::source::{self, Feed, Held};
use cdp_batch::{Result, Stage};

use crate::code::Code;
use crate::error::Error;
use crate::guard::{answer, given, invalid, plain};
use crate::text::{Text, Texts};
use crate::writer::Writer;

/// Where records come from, read once: NDJSON, a JSON array or JSON over several lines, plain or gzip. The content decides,
/// never the name.
pub struct Source(Held);

impl Source {
    fn new(source: source::Source) -> Box<Self> {
        Box::new(Source(source.into()))
    }

    /// The core's source; there is one only the first time.
    pub(crate) fn take(&self) -> Result<source::Source> {
        self.0.take()
    }
}

/// The bytes at a pointer; none for NULL, unless there are no bytes.
///
/// # Safety
/// The pointer is NULL, or has `length` bytes that stay as they are while they are borrowed.
pub(crate) unsafe fn bytes<'a>(pointer: *const u8, length: usize) -> Option<&'a [u8]> {
    // SAFETY: as above.
    (!pointer.is_null()).then(|| unsafe { std::slice::from_raw_parts(pointer, length) })
}

/// The file `path`, opened when its turn comes.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_source_from_path(
    path: Text,
    source: Option<&mut MaybeUninit<Box<Source>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(source, error, || Ok(Source::new(source::Source::path(path.path("path")?))))
}

/// Several files, one after the other. The paths end with NULL.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_source_from_paths(
    paths: Texts,
    source: Option<&mut MaybeUninit<Box<Source>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(source, error, || {
        let paths = paths.get("paths")?.into_iter().map(|path| path.path("path"));
        let files = paths.map(|path| Ok(source::Source::path(path?))).collect::<Result<_>>()?;
        Ok(Source::new(source::Source::many(files)))
    })
}

/// The files that match a pattern such as `exports/guests-*.ndjson.gz`, in the order of their paths.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_source_from_glob(
    pattern: Text,
    source: Option<&mut MaybeUninit<Box<Source>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(source, error, || Ok(Source::new(source::Source::glob(pattern.get("pattern")?)?)))
}

/// `length` bytes in memory, which are copied. Errors and rejects call the source `bytes`.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_source_from_bytes(
    data: *const c_void,
    length: usize,
    source: Option<&mut MaybeUninit<Box<Source>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(source, error, || {
        // SAFETY: by contract these are `length` bytes that stay as they are during the call.
        let data = unsafe { bytes(data.cast(), length) };
        Ok(Source::new(source::Source::bytes("bytes", given(data, "data")?)))
    })
}

/// Records that `writer` pushes one by one, for any call that takes a source; a run that is fed needs no file. Errors and
/// rejects call the source `rows`, and a record's line is its number.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_source_from_rows(
    writer: Option<&mut MaybeUninit<Box<Writer>>>,
    source: Option<&mut MaybeUninit<Box<Source>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    fed(writer, source, error, || {
        let (rows, source) = source::Source::rows();
        Ok((Feed::Rows(rows), source))
    })
}

/// A file whose bytes `writer` pushes, piece by piece, for hosts whose code must run on threads of their own. Errors and
/// rejects call the source `name`.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_source_from_stream(
    name: Text,
    writer: Option<&mut MaybeUninit<Box<Writer>>>,
    source: Option<&mut MaybeUninit<Box<Source>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    fed(writer, source, error, || {
        let (stream, source) = source::Source::stream(name.get("name")?);
        Ok((Feed::Stream(stream), source))
    })
}

/// A source, and the writer that feeds it.
fn fed(
    writer: Option<&mut MaybeUninit<Box<Writer>>>,
    source: Option<&mut MaybeUninit<Box<Source>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
    make: impl FnOnce() -> Result<(Feed, source::Source)>,
) -> Code {
    answer(source, error, || {
        let writer = given(writer, "the place for the output")?;
        let (feed, source) = make()?;
        writer.write(Box::new(Writer::new(feed)));
        Ok(Source::new(source))
    })
}

/// What an open file descriptor gives, from where it stands to its end. It is duplicated: the caller may close its own at
/// once. Errors and rejects call the source `name`.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_source_from_fd(
    fd: c_int,
    name: Text,
    source: Option<&mut MaybeUninit<Box<Source>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(source, error, || {
        let name = name.get("name")?;
        // SAFETY: whatever the number is, the system answers with an error or with a descriptor that is ours alone.
        let own = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) };
        if own < 0 {
            let what = format!("{name}: file descriptor {fd} cannot be duplicated");
            return Err(cdp_batch::Error::io(what, io::Error::last_os_error()).with_stage(Stage::Read));
        }
        // SAFETY: it was made by the call above, and nothing else closes it.
        let file = unsafe { File::from_raw_fd(own) };
        Ok(Source::new(source::Source::reader(name, Box::new(file))))
    })
}

/// What an open stdio stream gives, from where it stands to its end. It must stay open, and belongs to the library, until
/// the operation that reads it is done. Errors and rejects call the source `name`.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_source_from_file(
    file: *mut libc::FILE,
    name: Text,
    source: Option<&mut MaybeUninit<Box<Source>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(source, error, || {
        if file.is_null() {
            return Err(invalid("file is NULL; give a pointer"));
        }
        Ok(Source::new(source::Source::reader(name.get("name")?, Box::new(Stream(file)))))
    })
}

/// A stdio stream.
struct Stream(*mut libc::FILE);

// SAFETY: stdio locks its streams, and by contract this one is ours until it is read.
unsafe impl Send for Stream {}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // SAFETY: the stream is open by contract, and the buffer has this many bytes.
        let read = unsafe { libc::fread(buffer.as_mut_ptr().cast(), 1, buffer.len(), self.0) };
        // SAFETY: as above.
        if read == 0 && unsafe { libc::ferror(self.0) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(read)
    }
}

/// Fills `buffer` with at most `length` bytes, and returns how many; 0 at the end, less than 0 for a failure. It is called on
/// threads of the library, one call at a time. A run that is cancelled ends when it returns. It must not throw.
pub type ReadCallback = Option<extern "C" fn(context: *mut c_void, buffer: *mut u8, length: usize) -> i64>;

/// Is called once when nothing reads any more.
pub type ReleaseCallback = Option<extern "C" fn(context: *mut c_void)>;

/// What a callback gives. `release`, which may be NULL, is called with `context` once when the source is read, given up or
/// freed unread, on any thread; when this call fails it is not called. Errors and rejects call the source `name`.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_source_from_reader(
    read: ReadCallback,
    release: ReleaseCallback,
    context: *mut c_void,
    name: Text,
    source: Option<&mut MaybeUninit<Box<Source>>>,
    error: Option<&mut MaybeUninit<Box<Error>>>,
) -> Code {
    answer(source, error, || {
        let (read, name) = (given(read, "read")?, name.get("name")?);
        Ok(Source::new(source::Source::reader(name, Box::new(Reader { read, release, context }))))
    })
}

/// A callback that gives bytes.
struct Reader {
    read: extern "C" fn(context: *mut c_void, buffer: *mut u8, length: usize) -> i64,
    release: ReleaseCallback,
    context: *mut c_void,
}

// SAFETY: the context is only handed back, and the callbacks' documentation says that this happens on other threads.
unsafe impl Send for Reader {}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = (self.read)(self.context, buffer.as_mut_ptr(), buffer.len());
        let read = usize::try_from(read).map_err(|_| io::Error::other("its callback failed"))?;
        match read <= buffer.len() {
            true => Ok(read),
            false => Err(io::Error::other("its callback says that it read more than there was room for")),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            release(self.context);
        }
    }
}

/// Frees a source; what reads it goes on. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn cdpb_source_free(source: Option<Box<Source>>) {
    plain((), || drop(source));
}
