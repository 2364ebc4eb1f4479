"""Forks, other processes and other interpreters."""

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cdp_batch
from cdp_batch.testing import Emulator

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def uploaded(source: str) -> int:
    with cdp_batch.Client.from_env(wait={"min_ms": 5}) as client:
        return client.upload(source).counts.confirmed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_in_a_forked_child_an_old_handle_is_closed_and_a_new_client_works(
    client: cdp_batch.Client, guests: str
) -> None:
    run = client.submit(guests)
    waiting = run.events()
    next(waiting)
    child = os.fork()
    if child == 0:
        told = 0
        try:
            try:
                client.upload(guests)
            except cdp_batch.ClosedError:
                told += 1
            try:
                run.wait()
            except cdp_batch.ClosedError:
                told += 1
            told += uploaded(guests)
        finally:
            os._exit(told)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 2 + 3
    assert run.wait().ok


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_pool_of_processes_uploads(method: str, client: cdp_batch.Client, guests: str) -> None:
    assert client.upload(guests).ok
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(uploaded, [guests] * 4) == [3] * 4


def test_an_error_reaches_the_parent_with_its_report(cdp_emulator: Emulator, faulty: str, tmp_path: Path) -> None:
    pool = multiprocessing.get_context("spawn").Pool(1)
    with pool, pytest.raises(cdp_batch.RecordsRejectedError) as caught:
        pool.apply(uploaded, [faulty])
    report = caught.value.report
    assert report is not None
    assert [reject.line for reject in report.rejects()] == [2, 3, 4]
    assert report.write_rejects(tmp_path / "rejects.ndjson") == 3


SUBINTERPRETER = """
try:
    import _interpreters as interpreters
    run = lambda script: interpreters.exec(interpreters.create(), script)
except ImportError:
    import _xxsubinterpreters as interpreters
    run = lambda script: interpreters.run_string(interpreters.create(), script)
import cdp_batch
failed = run('''
try:
    import cdp_batch
except ImportError as error:
    assert "main interpreter" in str(error), error
else:
    raise AssertionError("it was imported")
''')
assert failed is None, failed
"""


def test_a_sub_interpreter_gets_a_clear_import_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SUBINTERPRETER], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
