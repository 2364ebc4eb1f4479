"""The pytest fixture ``cdp_emulator``."""

from collections.abc import Iterator

import pytest

from cdp_batch.testing import Emulator


@pytest.fixture
def cdp_emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """A local Batch API, to which the environment points: ``Client.from_env()`` finds it."""
    with Emulator() as emulator:
        monkeypatch.delenv("CDP_REGION", raising=False)
        for name, value in emulator.environment().items():
            monkeypatch.setenv(name, value)
        yield emulator
