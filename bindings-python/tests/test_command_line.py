"""The console script."""

import signal
import subprocess
import sys
import time

import pytest

from cdp_batch import __version__
from cdp_batch.testing import Emulator

PROGRAM = [sys.executable, "-m", "cdp_batch"]


def test_it_is_the_program_of_this_version() -> None:
    told = subprocess.run([*PROGRAM, "--version"], check=True, capture_output=True, text=True)
    assert told.stdout == f"cdp-batch {__version__}\n"


def test_wrong_usage_has_its_exit_code_and_its_words() -> None:
    told = subprocess.run([*PROGRAM, "uplod"], check=False, capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (2, "")
    assert "Usage: cdp-batch" in told.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent another way there")
def test_ctrl_c_ends_a_wait_with_130_and_says_how_to_carry_on(cdp_emulator: Emulator) -> None:
    cdp_emulator.set_faults({"rules": [{"on": "upload", "do": {"type": "stuck_uploading"}}]})
    row = b'{"ref":"a2e8da23-3b5e-4bd5-8d84-b2f3b0e0f4a1","schema":"guest","mode":"upsert","value":{}}\n'
    process = subprocess.Popen([*PROGRAM, "upload", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin and process.stderr
    process.stdin.write(row)
    process.stdin.close()
    while not any(batch.uploads for batch in cdp_emulator.batches()):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    told = process.stderr.read().decode()
    assert process.wait(30) == 130, told
    assert "--run-id" in told
    process.stderr.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent another way there")
def test_ctrl_c_ends_what_has_no_handler() -> None:
    process = subprocess.Popen([*PROGRAM, "validate", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stdin
    # More than a pipe holds: once it is written, the program is reading.
    process.stdin.write(b"no json\n" * 200_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) in (-signal.SIGINT, 130)
    process.stdin.close()
