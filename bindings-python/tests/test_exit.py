"""The end of the interpreter is quiet, whatever is under way."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from cdp_batch.testing import Emulator

SCRIPTS = {
    "sync": """
import cdp_batch, sys
print(cdp_batch.Client.from_env(wait={"min_ms": 5}).upload(sys.argv[1]).ok)
""",
    "async": """
import asyncio, cdp_batch, sys
async def main():
    client = cdp_batch.AsyncClient.from_env(wait={"min_ms": 5})
    print((await client.upload(sys.argv[1])).ok)
asyncio.run(main())
""",
    "an upload at exit": """
import atexit, sys
def upload():
    import cdp_batch
    print(cdp_batch.Client.from_env(wait={"min_ms": 5}).upload(sys.argv[1]).ok)
atexit.register(upload)
import cdp_batch
""",
}

IN_THE_MIDDLE = {
    "a daemon thread that waits": """
import cdp_batch, sys, threading
client = cdp_batch.Client.from_env()
told = threading.Event()
def upload():
    client.upload(sys.argv[1], on_event=lambda event: event.type == "uploaded" and told.set())
threading.Thread(target=upload, daemon=True).start()
print(told.wait(60))
""",
    "a loop that ends first": """
import asyncio, cdp_batch, sys
async def main():
    client = cdp_batch.AsyncClient.from_env()
    told = asyncio.Event()
    task = asyncio.create_task(client.upload(sys.argv[1], on_event=lambda event: event.type == "uploaded" and told.set()))
    await told.wait()
    print(not task.done())
asyncio.run(main())
""",
    "a run that nobody waits for": """
import cdp_batch, sys
run = cdp_batch.Client.from_env(max_in_flight=2).submit(sys.argv[1])
print(len(run.refs) == 1)
""",
}


def started(script: str, source: str, folder: Path, from_stdin: bool) -> "subprocess.Popen[str]":
    if from_stdin:
        command: Sequence[str] = [sys.executable, "-", source]
    else:
        file = folder / "script.py"
        if not file.exists():
            file.write_text(script)
        command = [sys.executable, str(file), source]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert process.stdin
    process.stdin.write(script if from_stdin else "")
    process.stdin.close()
    process.stdin = None
    return process


def all_end_well(script: str, source: str, folder: Path, from_stdin: bool) -> None:
    for _ in range(5):
        pair = [started(script, source, folder, from_stdin) for _ in range(2)]
        for process in pair:
            out, err = process.communicate(timeout=60)
            assert (process.returncode, out, err) == (0, "True\n", "")


@pytest.mark.parametrize("from_stdin", [False, True], ids=["from a file", "from stdin"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_short_script_ends_with_status_0_and_says_nothing_else(
    name: str, from_stdin: bool, cdp_emulator: Emulator, guests: str, tmp_path: Path
) -> None:
    all_end_well(SCRIPTS[name], guests, tmp_path, from_stdin)


@pytest.mark.parametrize("from_stdin", [False, True], ids=["from a file", "from stdin"])
@pytest.mark.parametrize("name", IN_THE_MIDDLE)
def test_a_script_that_ends_in_the_middle_of_an_upload_does_so_too(
    name: str, from_stdin: bool, slow_emulator: Emulator, guests: str, tmp_path: Path
) -> None:
    all_end_well(IN_THE_MIDDLE[name], guests, tmp_path, from_stdin)
