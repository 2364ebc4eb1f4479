"""The client in an event loop."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import cdp_batch
from cdp_batch.testing import Emulator


async def waiting_upload(client: cdp_batch.AsyncClient, source: str, **options: Any) -> "asyncio.Task[Any]":
    """An upload that waits for the service for as long as it is let."""
    told = asyncio.Event()

    def tell(event: cdp_batch.Event) -> None:
        if event.type == "uploaded":
            told.set()

    task = asyncio.create_task(client.upload(source, on_event=tell, **options))
    await told.wait()
    return task


def test_cancelling_the_task_stops_the_work_and_leaves_a_run_to_carry_on_with(
    slow_emulator: Emulator, guests: str
) -> None:
    async def main() -> None:
        async with cdp_batch.AsyncClient.from_env() as client:
            task = await waiting_upload(client, guests, run_id="nightly")
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            assert "run_id='nightly'" in caught.value.__notes__[0]
            slow_emulator.advance_clock(timedelta(hours=1))
            report = await client.upload(guests, run_id="nightly", wait={"min_ms": 5})
            assert report.ok

    asyncio.run(main())
    assert [batch.uploads for batch in slow_emulator.batches()] == [1]


def test_wait_for_stops_the_work(slow_emulator: Emulator, guests: str) -> None:
    async def main() -> None:
        async with cdp_batch.AsyncClient.from_env() as client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.upload(guests), 0.3)

    asyncio.run(main())


def test_wait_for_stops_the_fetch_of_a_page() -> None:
    async def main() -> None:
        async with emulator.async_client() as client:
            with pytest.raises(TimeoutError) as caught:
                async with asyncio.timeout(0.3):
                    async for _ in client.batches():
                        pass
            cancelled = caught.value.__cause__
            assert cancelled is not None and isinstance(cancelled.__cause__, cdp_batch.CancelledError)

    with Emulator(faults={"rules": [{"on": "list", "do": {"type": "hang"}}]}) as emulator:
        asyncio.run(main())


def test_the_loop_goes_on_while_an_upload_waits(slow_emulator: Emulator, guests: str) -> None:
    async def main() -> None:
        async with cdp_batch.AsyncClient.from_env() as client:
            task = await waiting_upload(client, guests)
            for _ in range(100):
                await asyncio.sleep(0)
            assert not task.done()
            task.cancel()

    asyncio.run(main())


def test_a_sync_call_works_inside_a_running_loop(client: cdp_batch.Client, guests: str) -> None:
    async def main() -> bool:
        return client.upload(guests).ok

    assert asyncio.run(main())


def test_many_uploads_run_at_once(cdp_emulator: Emulator, guests: str) -> None:
    async def main() -> list[bool]:
        async with cdp_batch.AsyncClient.from_env(wait={"min_ms": 5}) as client:
            return [report.ok for report in await asyncio.gather(*[client.upload(guests) for _ in range(50)])]

    assert asyncio.run(main()) == [True] * 50


def test_what_an_async_generator_raises_ends_the_call_and_is_raised(cdp_emulator: Emulator, guests: str) -> None:
    async def rows() -> AsyncIterator[str]:
        yield Path(guests).read_text().splitlines()[0]
        raise LookupError("the query ended early")

    async def main() -> None:
        async with cdp_batch.AsyncClient.from_env() as client:
            with pytest.raises(LookupError, match="the query ended early"):
                await client.upload(rows())

    asyncio.run(main())
    assert cdp_emulator.arrived() == []


PAIRS = [
    (cdp_batch.Client, cdp_batch.AsyncClient),
    (cdp_batch.Run, cdp_batch.AsyncRun),
    (cdp_batch.Writer, cdp_batch.AsyncWriter),
    (cdp_batch.Batch, cdp_batch.AsyncBatch),
]


@pytest.mark.parametrize(("sync", "awaited"), PAIRS)
def test_both_clients_have_the_same_names_and_arguments(sync: type[Any], awaited: type[Any]) -> None:
    def shape(of: type[Any]) -> dict[str, Any]:
        members = inspect.getmembers(of, inspect.isroutine)
        return {
            name: [
                (
                    parameter.name,
                    parameter.kind,
                    parameter.default,
                    str(parameter.annotation).replace("AsyncSource", "Source"),
                )
                for parameter in inspect.signature(member).parameters.values()
            ]
            for name, member in members
            if not name.startswith("_")
        }

    def result(of: type[Any], name: str) -> str:
        text = str(inspect.signature(getattr(of, name)).return_annotation)
        return text.replace("Async", "")

    assert shape(sync) == shape(awaited)
    for name in shape(sync):
        assert result(sync, name) == result(awaited, name), name
