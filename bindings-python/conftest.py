"""What tests and the examples in docstrings share: a service on this machine, and something to upload."""

from __future__ import annotations

import asyncio
import builtins
import io
import signal
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import cdp_batch
import cdp_batch.events
import cdp_batch.testing
from cdp_batch.testing import Emulator

DATA = Path(__file__).parent.parent / "examples" / "data"
FAST: cdp_batch.ClientOptions = {
    "wait": {"min_ms": 5, "max_ms": 40},
    "retry": {"attempts": 3, "base_ms": 1, "max_ms": 10},
}
"""Polls and retries within milliseconds."""


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """A shell starts what runs in the background deaf to Ctrl-C, and its children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def slow_emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """A service that takes minutes to process a batch, unless its clock is advanced. The environment points to it."""
    with Emulator(records_per_second=0.01) as emulator:
        for name, value in emulator.environment().items():
            monkeypatch.setenv(name, value)
        yield emulator


@pytest.fixture
def guests() -> str:
    """A file of three good records."""
    return str(DATA / "guests.ndjson")


@pytest.fixture
def faulty() -> str:
    """A file of five records, three of them bad."""
    return str(DATA / "guests-with-faults.ndjson")


@pytest.fixture
def client(cdp_emulator: Emulator) -> Iterator[cdp_batch.Client]:
    """A client of the emulator, also known to the environment."""
    with cdp_batch.Client.from_env(**FAST) as client:
        yield client


@pytest.fixture(autouse=True)
def names_in_docstrings(request: pytest.FixtureRequest, doctest_namespace: dict[str, Any]) -> None:
    """What the examples in docstrings take for granted."""
    if isinstance(request.node, pytest.DoctestItem):
        emulator: Emulator = request.getfixturevalue("cdp_emulator")
        doctest_namespace.update(
            asyncio=asyncio,
            builtins=builtins,
            cdp_batch=cdp_batch,
            events=cdp_batch.events,
            io=io,
            sys=sys,
            testing=cdp_batch.testing,
            timedelta=timedelta,
            client=request.getfixturevalue("client"),
            async_client=cdp_batch.AsyncClient.from_env(**FAST),
            guests=request.getfixturevalue("guests"),
            more_guests=request.getfixturevalue("guests"),
            faulty=request.getfixturevalue("faulty"),
            folder=request.getfixturevalue("tmp_path"),
            url=emulator.base_url,
            client_key=emulator.client_key,
            api_token=emulator.api_token,
        )
