"""Uses the installed package as a stranger would: `cargo xtask package-test python` runs it in a clean environment.

It takes the interpreter's own folder of programs for the console script, and the emulator of the package for the service.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cdp_batch.testing import Emulator

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent

TEST = """
import cdp_batch


def test_an_upload(cdp_emulator):
    with cdp_batch.Client.from_env(wait={"min_ms": 5}) as client:
        assert client.upload({data!r}).ok
    assert len(cdp_emulator.arrived()) == 3
"""


def output(*command: str | Path) -> str:
    """What a program prints, in the root of the repository."""
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


with Emulator() as emulator:
    os.environ.update(emulator.environment())
    printed = output(sys.executable, "examples/python/upload_file.py")
    assert printed == (ROOT / "examples/expected/upload_file.txt").read_text(), printed
    print("example: ok")
    assert "3 confirmed" in output(PROGRAMS / "cdp-batch", "upload", "examples/data/guests.ndjson")
    assert output(PROGRAMS / "cdp-batch", "--version") == output(sys.executable, "-m", "cdp_batch", "--version")
    wrong = subprocess.run([PROGRAMS / "cdp-batch", "uplod"], check=False, stderr=subprocess.DEVNULL)
    assert wrong.returncode == 2, wrong
    print("console script: ok")

with tempfile.TemporaryDirectory() as folder:
    test = Path(folder) / "test_job.py"
    test.write_text(TEST.replace("{data!r}", repr(str(ROOT / "examples/data/guests.ndjson"))))
    output(sys.executable, "-m", "pytest", "-q", test)
    print("fixture: ok")
