"""Ctrl-C, and what else ends a call early."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import cdp_batch
from cdp_batch._calls import next_batch
from cdp_batch.testing import Emulator, FaultPlan

# Uploads, is interrupted while it waits, and says how long that took.
INTERRUPTED = """
import cdp_batch, sys, time
client = cdp_batch.Client.from_env(state_dir=sys.argv[2])
def tell(event):
    if event.type == "uploaded":
        print("uploaded", flush=True)
try:
    client.upload(sys.argv[1], run_id=sys.argv[3], on_event=tell)
except KeyboardInterrupt as interrupt:
    print(time.monotonic(), *interrupt.__notes__, flush=True)
"""


def interrupt_once_told(event: cdp_batch.Event) -> None:
    if event.type == "uploaded":
        os.kill(os.getpid(), signal.SIGINT)


def interrupted(guests: str, state_dir: Path, run_id: str) -> float:
    """Interrupts an upload in a process of its own, and gives how many seconds it took to end."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", INTERRUPTED, guests, str(state_dir), run_id]
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline() == "uploaded\n"
        since = time.monotonic()
        process.send_signal(signal.SIGINT)
        ended, note = process.stdout.readline().split(maxsplit=1)
        assert process.wait(60) == 0, process.stderr.read()
    assert note == f"to carry on, upload the same with run_id='{run_id}': no batch is sent twice\n"
    return float(ended) - since


def test_ctrl_c_ends_a_blocking_call_soon_and_leaves_a_run_that_resume_ends(
    slow_emulator: Emulator, guests: str, tmp_path: Path
) -> None:
    runs = ["monday", "tuesday", "wednesday"]
    # The promise is about the call: a machine that is busy with others may be late once.
    assert min(interrupted(guests, tmp_path, run) for run in runs) < 0.2
    with cdp_batch.Client.from_env(wait={"min_ms": 5}, state_dir=tmp_path) as client:
        for run in runs:
            # The service takes up one batch after the other.
            slow_emulator.advance_clock(timedelta(hours=1))
            assert client.resume(run).ok
    assert [batch.uploads for batch in slow_emulator.batches()] == [1, 1, 1]


def test_ctrl_c_in_a_listener_ends_the_call(slow_emulator: Emulator, guests: str) -> None:
    with cdp_batch.Client.from_env() as client, pytest.raises(KeyboardInterrupt):
        client.upload(guests, on_event=interrupt_once_told)


def test_stopping_a_call_that_packs_ends_the_packing(client: cdp_batch.Client, guests: str, tmp_path: Path) -> None:
    large = tmp_path / "large.ndjson"
    large.write_bytes(Path(guests).read_bytes() * 100_000)
    call = client._pack(large, tmp_path / "parts", "error", None, {"level": 9, "threads": 1})
    call.stop()
    assert call.operation.wait(60_000)
    with pytest.raises(cdp_batch.CancelledError):
        call.take()


LIST_HANGS: FaultPlan = {"rules": [{"on": "list", "do": {"type": "hang"}}]}


def test_stopping_the_fetch_of_a_page_ends_it() -> None:
    with Emulator(faults=LIST_HANGS) as emulator, emulator.client() as client:
        call = next_batch(client._batches({}))
        assert not call.operation.wait(50)
        call.stop()
        assert call.operation.wait(60_000)
        with pytest.raises(cdp_batch.CancelledError):
            call.take()


def test_ctrl_c_ends_the_fetch_of_a_page() -> None:
    with Emulator(faults=LIST_HANGS) as emulator, emulator.client() as client:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt) as caught:
            list(client.batches())
        assert isinstance(caught.value.__cause__, cdp_batch.CancelledError)


@pytest.mark.parametrize("work", ["upload", "validate", "pack"])
def test_what_a_generator_raises_ends_the_call_and_is_raised(
    client: cdp_batch.Client, cdp_emulator: Emulator, guests: str, tmp_path: Path, work: str
) -> None:
    def rows() -> Iterator[bytes]:
        yield Path(guests).read_bytes().splitlines()[0]
        raise LookupError("the query ended early")

    calls: dict[str, Callable[[], object]] = {
        "upload": lambda: client.upload(rows()),
        "validate": lambda: client.validate(rows()),
        "pack": lambda: client.pack(rows(), tmp_path),
    }
    with pytest.raises(LookupError, match="the query ended early"):
        calls[work]()
    assert cdp_emulator.arrived() == []


def test_what_a_listener_raises_ends_the_call_and_is_raised(slow_emulator: Emulator, guests: str) -> None:
    def fail(event: cdp_batch.Event) -> None:
        raise LookupError(event.type)

    with cdp_batch.Client.from_env() as client, pytest.raises(LookupError, match="started") as caught:
        client.upload(guests, on_event=fail, run_id="nightly")
    assert "run_id='nightly'" in caught.value.__notes__[0]
    assert isinstance(caught.value.__cause__, cdp_batch.CancelledError)
    assert caught.value.__cause__.run_id == "nightly"


def test_other_threads_run_while_one_waits(slow_emulator: Emulator, guests: str) -> None:
    waiting = threading.Event()

    def tell(event: cdp_batch.Event) -> None:
        if event.type == "uploaded":
            waiting.set()

    def upload() -> None:
        with cdp_batch.Client.from_env(wait={"min_ms": 5, "max_ms": 40}) as client:
            assert client.upload(guests, on_event=tell).ok

    thread = threading.Thread(target=upload)
    thread.start()
    assert waiting.wait(60)
    assert thread.is_alive()
    slow_emulator.advance_clock(timedelta(hours=1))
    thread.join(60)
