//! Threads that pack: each pulls a block, checks it, deflates it, and hands it on in input order.
//!
//! There is no coordinator. Three things are shared, each behind its own lock: the *intake* (whose turn number orders
//! everything), the *baton* (what a chunk must know of the chunks before it, passed on before the slow work), and the
//! *outlet* (where whoever completes the next chunk in order cuts all chunks that are ready).

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::chunk::Chunk;
use super::cut::Cutter;
use super::seen::Seen;
use super::{Block, Done, Input, Output, Settings};
use crate::error::{Error, Result, Stage};
use crate::kind::Kind;
use crate::record::Scratch;

/// Packs everything `input` has into parts for `output`.
///
/// Uses the calling thread and `threads - 1` more, which end before this returns. Holds at most `3 x threads + 2`
/// blocks of text and their deflated form.
///
/// # Errors
/// The first error in input order: of the input, of a record when `on_invalid` is `stop`, or of the output.
pub fn pack(input: &mut dyn Input, settings: &Settings, output: &mut dyn Output) -> Result<()> {
    pack_on(input, settings, Done::default(), output)
}

/// Like [`pack`], but leaves out what was packed before: those records are read and checked, so that a ref that repeats
/// one of theirs is still found, but neither counted, refused nor packed again.
///
/// # Errors
/// As [`pack`].
pub fn pack_on(input: &mut dyn Input, settings: &Settings, done: Done, output: &mut dyn Output) -> Result<()> {
    let pool = Pool {
        settings,
        intake: Mutex::new(Intake { input, turn: 0, ended: false }),
        baton: Mutex::new(Baton { done: done.records, ..Baton::default() }),
        passed: Condvar::new(),
        outlet: Mutex::new(Outlet {
            cutter: Cutter::new(settings, done.parts, output),
            next: 0,
            ready: BTreeMap::new(),
            is_whole: true,
            error: None,
        }),
        cut: Condvar::new(),
        buffers: Mutex::new(Vec::new()),
        stopped: AtomicBool::new(false),
    };
    std::thread::scope(|scope| {
        for _ in 1..settings.threads {
            // Fewer threads than asked for pack the same bytes, only slower.
            let _ = std::thread::Builder::new().name("cdp-batch-pack".into()).spawn_scoped(scope, || pool.work());
        }
        pool.work();
    });
    let outlet = pool.outlet.into_inner().unwrap_or_else(PoisonError::into_inner);
    match outlet.error {
        Some(error) => Err(error),
        None => outlet.cutter.finish(),
    }
}

struct Pool<'a> {
    settings: &'a Settings,
    intake: Mutex<Intake<'a>>,
    baton: Mutex<Baton>,
    passed: Condvar,
    outlet: Mutex<Outlet<'a>>,
    cut: Condvar,
    buffers: Mutex<Vec<Vec<u8>>>,
    stopped: AtomicBool,
}

struct Intake<'a> {
    input: &'a mut dyn Input,
    turn: u64,
    ended: bool,
}

#[derive(Default)]
struct Baton {
    turn: u64,
    /// Records still to leave out.
    done: u64,
    tail: Vec<u8>,
    seen: Seen,
}

struct Outlet<'a> {
    cutter: Cutter<'a>,
    next: u64,
    ready: BTreeMap<u64, Result<Chunk>>,
    /// Whether everything before `next` was cut. Nothing may follow a chunk that failed or panicked half-way: a part
    /// that is sealed without it would lose its records.
    is_whole: bool,
    error: Option<Error>,
}

impl Pool<'_> {
    fn work(&self) {
        if catch_unwind(AssertUnwindSafe(|| self.work_until_done())).is_err() {
            self.stop(Error::new(Kind::Internal, "packing stopped on a bug; please report it").with_stage(Stage::Pack));
        }
    }

    fn work_until_done(&self) {
        let mut engine = self.settings.engine();
        let mut scratch = Scratch::of_errors();
        while let Some((turn, block)) = self.take() {
            let (block, checked) = match block {
                Ok(block) => {
                    let chunk = Chunk::check(&block, self.settings, &mut scratch, self.buffer());
                    (block, chunk)
                }
                Err(error) => (Block::default(), Err(error)),
            };
            let Some(ordered) = self.pass_baton(turn, &block, checked) else { break };
            self.recycle(block.text);
            let deflated = ordered.map(|mut chunk| {
                chunk.deflate(&mut *engine, self.buffer());
                chunk
            });
            self.deliver(turn, deflated);
        }
    }

    /// The next block and its turn; an error of the input takes the last turn.
    fn take(&self) -> Option<(u64, Result<Block>)> {
        let mut intake = lock(&self.intake);
        if intake.ended || self.stopped.load(Ordering::Relaxed) {
            return None;
        }
        let next = intake.input.next(self.buffer()).transpose();
        intake.ended = !matches!(next, Some(Ok(_)));
        let turn = intake.turn;
        intake.turn += 1;
        next.map(|block| (turn, block))
    }

    /// Waits for the chunks before this one to be known, and makes this one known. `None` when packing has stopped.
    fn pass_baton(&self, turn: u64, block: &Block, checked: Result<Chunk>) -> Option<Result<Chunk>> {
        let mut baton = lock(&self.baton);
        while baton.turn != turn {
            if self.stopped.load(Ordering::Relaxed) {
                return None;
            }
            baton = self.passed.wait(baton).unwrap_or_else(PoisonError::into_inner);
        }
        let Baton { done, tail, seen, .. } = &mut *baton;
        let ordered = checked.and_then(|mut chunk| {
            chunk.refuse_repeats(block, seen, self.settings)?;
            *done -= chunk.leave_out(*done);
            chunk.follow(tail);
            Ok(chunk)
        });
        baton.turn += 1;
        self.passed.notify_all();
        Some(ordered)
    }

    /// Hands a chunk to the cutter when its turn has come; holds it back until then, a bounded number at a time.
    fn deliver(&self, turn: u64, chunk: Result<Chunk>) {
        let bound = 2 * self.settings.threads as u64 + 2;
        let mut outlet = lock(&self.outlet);
        while turn >= outlet.next + bound && !self.stopped.load(Ordering::Relaxed) {
            outlet = self.cut.wait(outlet).unwrap_or_else(PoisonError::into_inner);
        }
        outlet.ready.insert(turn, chunk);
        while outlet.is_whole
            && !self.stopped.load(Ordering::Relaxed)
            && let Some(chunk) = {
                let next = outlet.next;
                outlet.ready.remove(&next)
            }
        {
            outlet.is_whole = false;
            let done = chunk.and_then(|mut chunk| outlet.cutter.push(&mut chunk).map(|()| chunk));
            outlet.is_whole = done.is_ok();
            outlet.next += 1;
            self.cut.notify_all();
            match done {
                Ok(chunk) => chunk.into_buffers().into_iter().for_each(|buffer| self.recycle(buffer)),
                Err(error) => {
                    drop(outlet);
                    return self.stop(error);
                }
            }
        }
    }

    /// Ends packing with this error, unless one came first.
    fn stop(&self, error: Error) {
        self.stopped.store(true, Ordering::Relaxed);
        lock(&self.outlet).error.get_or_insert(error);
        // Waiters look at `stopped` under their lock, so none can miss the bell.
        self.cut.notify_all();
        drop(lock(&self.baton));
        self.passed.notify_all();
    }

    fn buffer(&self) -> Vec<u8> {
        lock(&self.buffers).pop().unwrap_or_default()
    }

    fn recycle(&self, buffer: Vec<u8>) {
        // A buffer grown by one huge record is not worth keeping.
        if buffer.capacity() <= 4 * super::BLOCK_BYTES {
            lock(&self.buffers).push(buffer);
        }
    }
}

/// A lock whose holder panicked is taken all the same: `stop` has recorded the panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
