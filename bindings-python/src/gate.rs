//! The way back into the interpreter, which closes when the interpreter ends.
//!
//! A thread that asks for the interpreter while it is being taken down is killed there, and a killed Rust thread aborts
//! the process. So every way back goes through this gate: `atexit` closes it, waits for those who are passing, and
//! whoever comes later stays outside until the process is gone.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

static CLOSED: AtomicBool = AtomicBool::new(false);
static PASSING: AtomicUsize = AtomicUsize::new(0);

/// The longest that the end of the interpreter waits for a thread that is passing.
const PATIENCE: Duration = Duration::from_secs(5);

thread_local! {
    /// Whether this thread closed the gate: it takes the interpreter down itself and may always go back.
    static IS_LAST: Cell<bool> = const { Cell::new(false) };
}

/// Held while passing.
struct Pass;

impl Pass {
    fn take() -> Option<Self> {
        PASSING.fetch_add(1, Ordering::SeqCst);
        let pass = Pass;
        (!CLOSED.load(Ordering::SeqCst) || IS_LAST.get()).then_some(pass)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        // Saturating: a fork sets the count to zero, and the thread that forked may be passing.
        let _ = PASSING.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |passing| Some(passing.saturating_sub(1)));
    }
}

/// Does `work` while other threads run Python. At the end of the interpreter it does not return.
pub(crate) fn detach<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    let (done, _pass) = py.detach(|| {
        let done = work();
        let pass = Pass::take();
        while pass.is_none() {
            thread::park();
        }
        (done, pass)
    });
    done
}

/// Lets one of our own threads into the interpreter, if there still is one.
fn attach(work: impl FnOnce(Python<'_>)) {
    if let Some(_pass) = Pass::take() {
        Python::attach(work);
    }
}

/// Rings a bell of Python's from one of our own threads, if there still is an interpreter.
pub(crate) fn bell(bell: Py<PyAny>) -> impl FnOnce() + Send + 'static {
    move || {
        attach(|py| {
            if let Err(error) = bell.call0(py) {
                error.write_unraisable(py, Some(bell.bind(py)));
            }
        });
    }
}

/// Fails in every interpreter of this process but the first: threads find the way back to that one alone.
pub(crate) fn refuse_another_interpreter(py: Python<'_>) -> PyResult<()> {
    static FIRST: OnceLock<usize> = OnceLock::new();
    // Each interpreter has a module `sys` of its own.
    let this = py.import("sys")?.as_ptr() as usize;
    match *FIRST.get_or_init(|| this) == this {
        true => Ok(()),
        false => Err(PyImportError::new_err("this is a sub-interpreter")),
    }
}

/// Closes the gate at exit, and forgets the threads that a fork leaves behind.
pub(crate) fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    py.import("atexit")?.call_method1("register", (wrap_pyfunction!(close, module)?,))?;
    if let Some(register) = py.import("os")?.getattr_opt("register_at_fork")? {
        let hooks = PyDict::new(py);
        hooks.set_item("after_in_child", wrap_pyfunction!(forget, module)?)?;
        register.call((), Some(&hooks))?;
    }
    Ok(())
}

#[pyfunction]
fn close(py: Python<'_>) {
    IS_LAST.set(true);
    CLOSED.store(true, Ordering::SeqCst);
    let since = Instant::now();
    py.detach(|| {
        while PASSING.load(Ordering::SeqCst) > 0 && since.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
    });
}

#[pyfunction]
fn forget() {
    PASSING.store(0, Ordering::SeqCst);
}
