"""The two ways to wait for work: one that blocks, one that awaits. Nothing else in this package waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cdp_batch import _native, events
from cdp_batch._error import CdpBatchError
from cdp_batch._source import Chunk, Feed

T = TypeVar("T")

SLICE_MS = 50
"""How long a blocking wait keeps Python from looking for Ctrl-C."""

LOOK = 0.05
"""Seconds between two looks for events of the awaiting driver."""

PATIENCE_MS = 100
"""How long to wait for work that was cancelled."""


@dataclass(slots=True)
class Call(Generic[T]):
    """Work under way: what it ends with, what it is fed, who listens."""

    operation: _native.Operation
    read: Callable[[Any], T]
    feed: Feed | None = None
    listener: Callable[[events.Event], None] | None = None
    is_followed: bool = False
    """Whether other work goes on with the events: what comes after the last of this call is for whoever waits for it."""
    is_told: bool = False

    def tell(self, ms: int = 0) -> None:
        """Hands on the events that are there, and those that come within some milliseconds of the last."""
        while self.listener and not self.is_told and (text := self.operation.next_event(ms)):
            event = events.read(text)
            self.is_told = self.is_followed and isinstance(event, events.Done)
            self.listener(event)

    def stop(self) -> None:
        """Gives up, also what is being fed."""
        if self.feed:
            self.feed.writer.abandon()
        self.operation.cancel()

    def take(self) -> T:
        """What the work ended with."""
        return self.read(self.operation.take())

    def explain(self, reason: BaseException) -> None:
        """Tells the last events, and says on what stopped the work what is known of it and how to carry on."""
        # The reason may be the listener's, and it may have another.
        with suppress(Exception):
            self.tell()
        try:
            self.take()
        except CdpBatchError as ended:
            if reason.__cause__ is None and not isinstance(reason, CdpBatchError):
                reason.__cause__ = ended
            if ended.run_id:
                reason.add_note(f"to carry on, upload the same with run_id={ended.run_id!r}: no batch is sent twice")


def run(call: Call[T]) -> T:
    """Waits for a call. Ctrl-C, and whatever a source or a listener raises, stops the work first."""
    try:
        if call.feed and _push_all(call, call.feed):
            call.feed.writer.finish()
        while not call.operation.wait(0 if call.listener else SLICE_MS):
            call.tell(SLICE_MS)
        call.tell()
    except BaseException as reason:
        abort(call, reason)
        raise
    return call.take()


def abort(call: Call[Any], reason: BaseException) -> None:
    """Stops the work, and waits a moment for its end."""
    call.stop()
    if call.operation.wait(PATIENCE_MS):
        call.explain(reason)


def _push_all(call: Call[Any], feed: Feed) -> bool:
    """Feeds everything; false when nothing reads any more, and then the outcome says why."""
    assert isinstance(feed.chunks, Iterator)
    return all(push(call, feed, chunk) for chunk in feed.chunks)


def push(call: Call[Any], feed: Feed, chunk: Chunk) -> bool:
    """Feeds one chunk; false when nothing reads any more."""
    while (is_in := feed.push(chunk, SLICE_MS)) is False:
        call.tell()
    return is_in is not None


async def run_async(call: Call[T]) -> T:
    """Awaits a call. Cancelling the task, and whatever a source or a listener raises, stops the work first."""
    done = _bell(call.operation.on_done)
    try:
        if call.feed and await _push_all_async(call, call.feed):
            call.feed.writer.finish()
        await _rung(call, done)
        call.tell()
    except BaseException as reason:
        await abort_async(call, reason)
        raise
    return call.take()


async def abort_async(call: Call[Any], reason: BaseException) -> None:
    """Stops the work, and waits a moment for its end."""
    call.stop()
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_MS / 1_000):
            await _bell(call.operation.on_done).wait()
            call.explain(reason)


async def _push_all_async(call: Call[Any], feed: Feed) -> bool:
    if isinstance(feed.chunks, AsyncIterator):
        async for chunk in feed.chunks:
            if not await push_async(call, feed, chunk):
                return False
        return True
    for chunk in feed.chunks:
        if not await push_async(call, feed, chunk):
            return False
    return True


async def push_async(call: Call[Any], feed: Feed, chunk: Chunk) -> bool:
    """Feeds one chunk; false when nothing reads any more."""
    while (is_in := feed.push(chunk, 0)) is False:
        await _rung(call, _bell(feed.writer.on_room))
    await asyncio.sleep(0)
    return is_in is not None


async def _rung(call: Call[Any], bell: asyncio.Event) -> None:
    """Waits for a bell, and tells events meanwhile."""
    while not bell.is_set():
        call.tell()
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK if call.listener else None):
                await bell.wait()


def _bell(hang_up: Callable[[Callable[[], None]], None]) -> asyncio.Event:
    """An event of this loop; `hang_up` takes what sets it, from any thread."""
    bell = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ring() -> None:
        # A loop that was closed in the meantime has nobody left to tell.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(bell.set)

    hang_up(ring)
    return bell
