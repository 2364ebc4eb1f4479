//! The one primitive that crosses the border: work that is under way, seen from JavaScript.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use cdp_batch::event::{Event, Events};
use cdp_batch::operation;
use cdp_batch::source::Source;
use cdp_batch::{Error, Kind, Result};
use napi_derive::napi;

use crate::bell::{self, Bell, JsBell};
use crate::outcome::{IntoValue, Outcome, Value, json};

/// How long a listening thread waits before it looks whether somebody still wants to hear.
const LOOK: Duration = Duration::from_millis(500);
/// Events that are handed over at once, at most.
const EVENTS: usize = 256;

type Taken = Option<Result<Value>>;

/// Work that was started, whatever it ends with.
trait Work: Send + Sync {
    fn cancel(&self);
    fn on_done(&self, bell: Bell);
    /// The events it tells, if it tells any.
    fn events(&self) -> Option<Events>;
    fn take(&self) -> Taken;
}

impl<T: IntoValue> Work for operation::Operation<T> {
    fn cancel(&self) {
        self.cancel();
    }

    fn on_done(&self, bell: Bell) {
        self.on_done(bell);
    }

    fn events(&self) -> Option<Events> {
        Some(self.events())
    }

    fn take(&self) -> Taken {
        self.take().map(|result| result.map(IntoValue::into_value))
    }
}

/// Work that could not even be started.
struct Failed(Mutex<Option<Error>>);

impl Work for Failed {
    fn cancel(&self) {}

    fn on_done(&self, bell: Bell) {
        bell();
    }

    fn events(&self) -> Option<Events> {
        None
    }

    fn take(&self) -> Taken {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().map(Err)
    }
}

/// Work under way. No method waits.
#[napi]
pub struct Operation {
    work: Box<dyn Work>,
    listener: Mutex<Option<Listener>>,
}

impl Operation {
    fn new(work: Box<dyn Work>) -> Self {
        Operation { work, listener: Mutex::new(None) }
    }

    pub(crate) fn of<T: IntoValue>(operation: operation::Operation<T>) -> Self {
        Operation::new(Box::new(operation))
    }

    /// Work that blocks for a moment, on a thread of its own.
    pub(crate) fn blocking<T: IntoValue>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Self {
        let nothing = Source::many(Vec::new());
        Operation::of(operation::Operation::blocking(nothing.stopper(), work))
    }

    /// What starting it gave, or work that has ended with why it could not be started.
    pub(crate) fn started(operation: Result<Operation>) -> Self {
        operation.unwrap_or_else(|error| Operation::new(Box::new(Failed(Mutex::new(Some(error))))))
    }
}

#[napi]
impl Operation {
    /// Asks the work to stop.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.work.cancel();
    }

    /// Rings when the work is done.
    #[napi(catch_unwind)]
    pub fn on_done(&self, ring: JsBell) {
        self.work.on_done(bell::once(ring));
    }

    /// Rings when there are events to pull, or when there will be none any more.
    #[napi(catch_unwind)]
    pub fn on_event(&self, ring: JsBell) {
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        let ring = bell::once(ring);
        match self.work.events() {
            None => ring(),
            Some(events) => listener.get_or_insert_with(|| Listener::new(events)).listen(ring),
        }
    }

    /// The events that are there, as a JSON array; none when all were pulled and there will be none any more.
    #[napi(catch_unwind)]
    pub fn pull_events(&self) -> Option<String> {
        let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        let (events, first) = match &*listener {
            Some(listener) => (self.work.events()?, listener.heard()),
            None => (self.work.events()?, None),
        };
        let rest = std::iter::from_fn(|| events.next(Duration::ZERO));
        let pulled: Vec<Event> = first.into_iter().chain(rest).take(EVENTS).collect();
        if pulled.is_empty() && events.finished() { None } else { Some(json(&pulled)) }
    }

    /// What the work ended with, once.
    #[napi(catch_unwind)]
    pub fn take(&self) -> Outcome {
        let taken = || Error::new(Kind::Closed, "the outcome of this call was already taken");
        self.work.take().unwrap_or_else(|| Err(taken())).into()
    }
}

/// Waits for events on a thread of its own, one wait for each time it is asked.
struct Listener {
    asks: Sender<Bell>,
    heard: Heard,
}

/// The event that ended a wait.
type Heard = Arc<Mutex<Option<Event>>>;

impl Listener {
    fn new(events: Events) -> Self {
        let (asks, asked) = mpsc::channel();
        let heard = Heard::default();
        let told = Arc::downgrade(&heard);
        // Without a thread every bell rings at once, when the channel is found closed.
        let _ = thread::Builder::new().name("cdp-batch-events".to_string()).spawn(move || hear(&events, &asked, &told));
        Listener { asks, heard }
    }

    fn listen(&self, ring: Bell) {
        if let Err(unheard) = self.asks.send(ring) {
            (unheard.0)();
        }
    }

    fn heard(&self) -> Option<Event> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Ends when nobody listens any more.
fn hear(events: &Events, asked: &Receiver<Bell>, told: &Weak<Mutex<Option<Event>>>) {
    while let Ok(ring) = asked.recv() {
        let mut next = None;
        while next.is_none() && !events.finished() && told.strong_count() > 0 {
            next = events.next(LOOK);
        }
        let Some(heard) = told.upgrade() else { return };
        *heard.lock().unwrap_or_else(PoisonError::into_inner) = next;
        ring();
    }
}
