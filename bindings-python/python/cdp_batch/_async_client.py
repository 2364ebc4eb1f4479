"""The client that awaits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self, Unpack

from cdp_batch import events
from cdp_batch._calls import BatchCalls, Calls, RunCalls, WriterCalls, listener, next_batch
from cdp_batch._drive import PAUSE, abort_async, push_async, run_async

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Iterable
    from types import TracebackType
    from uuid import UUID

    from cdp_batch._calls import BatchQuery, Default, Listener
    from cdp_batch._info import BatchInfo, CheckReport, PackReport, Reconciliation, RunInfo
    from cdp_batch._options import RunOptions
    from cdp_batch._report import Rejects, RunReport
    from cdp_batch._source import AsyncSource, Nan


class AsyncClient(Calls):
    """`Client` for asyncio: the same names and arguments, to be awaited.

    Cancelling a task, also by `asyncio.wait_for` or `asyncio.timeout`, stops its work and leaves a run that can be
    carried on with. Many uploads may run at once.

    Args:
        client_key: As for `Client`.
        api_token: As for `Client`.
        region: As for `Client`.
        base_url: As for `Client`.
        **options: As for `Client`.

    Example:
        >>> async def main():
        ...     async with cdp_batch.AsyncClient.from_env() as client:
        ...         reports = await asyncio.gather(client.upload(guests), client.upload(more_guests))
        ...         return [report.counts.confirmed for report in reports]
        >>> asyncio.run(main())
        [3, 3]
    """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Gives back connections. Later calls raise `ClosedError`."""
        self._handle.close()

    async def upload(
        self,
        source: AsyncSource,
        *,
        nan: Nan = "error",
        default: Default | None = None,
        on_event: Listener | None = None,
        progress: bool = False,
        **options: Unpack[RunOptions],
    ) -> RunReport:
        """Checks, packs, uploads, waits and explains: `Client.upload`, awaited.

        Args:
            source: As for `Client.upload`; the rows may come from an async iterable, too.
            nan: As for `Client.upload`.
            default: As for `Client.upload`.
            on_event: As for `Client.upload`; called in the event loop, so it must not block.
            progress: As for `Client.upload`.
            **options: As for `Client.upload`.

        Example:
            >>> async def rows():
            ...     yield {"guestType": "customer", "email": "ada@example.com",
            ...            "identifiers": [{"provider": "CRM", "id": "1"}]}
            >>> async def main():
            ...     async with cdp_batch.AsyncClient.from_env() as client:
            ...         return await client.upload(rows(), schema="guest", mode="upsert", ref_field="email")
            >>> asyncio.run(main()).counts.confirmed
            1
        """
        return await run_async(self._upload(source, nan, default, listener(on_event, progress), options))

    async def submit(
        self,
        source: AsyncSource,
        *,
        nan: Nan = "error",
        default: Default | None = None,
        on_event: Listener | None = None,
        progress: bool = False,
        **options: Unpack[RunOptions],
    ) -> AsyncRun:
        """Like `upload`, but returns as soon as storage has accepted every part: `Client.submit`, awaited."""
        return await run_async(self._submit(source, nan, default, listener(on_event, progress), options, AsyncRun))

    def writer(
        self,
        *,
        nan: Nan = "error",
        default: Default | None = None,
        on_event: Listener | None = None,
        progress: bool = False,
        **options: Unpack[RunOptions],
    ) -> AsyncWriter:
        """An upload that is fed row by row, as with `Client.writer`.

        Example:
            >>> async def main():
            ...     async with cdp_batch.AsyncClient.from_env() as client, client.writer() as writer:
            ...         for line in open(guests):
            ...             await writer.write(line)
            ...     return writer.report.counts.confirmed
            >>> asyncio.run(main())
            3
        """
        return AsyncWriter(*self._writer(nan, default, listener(on_event, progress), options))

    async def validate(
        self,
        source: AsyncSource,
        *,
        nan: Nan = "error",
        default: Default | None = None,
        **options: Unpack[RunOptions],
    ) -> CheckReport:
        """Checks every record without sending anything: `Client.validate`, awaited."""
        return await run_async(self._validate(source, nan, default, options))

    async def pack(
        self,
        source: AsyncSource,
        folder: str | os.PathLike[str],
        *,
        nan: Nan = "error",
        default: Default | None = None,
        **options: Unpack[RunOptions],
    ) -> PackReport:
        """Packs records into files without sending anything: `Client.pack`, awaited."""
        return await run_async(self._pack(source, folder, nan, default, options))

    def batch(self, ref: str | UUID) -> AsyncBatch:
        """A batch, by its ref alone, as with `Client.batch`."""
        return AsyncBatch(self._handle, ref)

    async def batches(self, **query: Unpack[BatchQuery]) -> AsyncIterator[BatchInfo]:
        """The batches of the last 30 days, fetched page by page as they are needed; as with `Client.batches`.

        Example:
            >>> async def main():
            ...     async with cdp_batch.AsyncClient.from_env() as client:
            ...         return [batch.status async for batch in client.batches(status="corrupted")]
            >>> asyncio.run(main())
            []
        """
        batches = self._batches(query)
        while batch := await run_async(next_batch(batches)):
            yield batch

    async def wait(self, refs: Iterable[str | UUID], **options: Unpack[RunOptions]) -> list[BatchInfo]:
        """Waits until these batches have finished: `Client.wait`, awaited."""
        return await run_async(self._wait(refs, options))

    async def report(self, refs: Iterable[str | UUID]) -> RunReport:
        """A report of these batches as the service tells of them now: `Client.report`, awaited."""
        return await run_async(self._report(refs))

    async def runs(self) -> list[RunInfo]:
        """Every run in the journal of `state_dir`, the latest first: `Client.runs`, awaited."""
        return self._runs()

    async def resume(self, run_id: str, *, on_event: Listener | None = None, progress: bool = False) -> RunReport:
        """Goes on with a run from its journal in `state_dir`: `Client.resume`, awaited."""
        return await run_async(self._resume(run_id, listener(on_event, progress)))

    async def reconcile(self) -> Reconciliation:
        """Compares the journal of `state_dir` with the service's list: `Client.reconcile`, awaited."""
        return await run_async(self._reconcile())


class AsyncRun(RunCalls):
    """A run whose parts are all accepted by storage, as `Run`.

    Attributes:
        run_id: The run's name.
        refs: Its batches. They are all that another process needs to carry on.
    """

    async def wait(self, *, on_event: Listener | None = None, progress: bool = False) -> RunReport:
        """Waits until every batch is processed: `Run.wait`, awaited."""
        return await run_async(self._wait(listener(on_event, progress)))

    async def events(self) -> AsyncIterator[events.Event]:
        """What happens until every batch is processed, and what happened since `AsyncClient.submit`; then call `wait`.

        Example:
            >>> async def main():
            ...     async with cdp_batch.AsyncClient.from_env() as client:
            ...         run = await client.submit(guests)
            ...         kinds = [event.type async for event in run.events()]
            ...         return kinds[-1], (await run.wait()).ok
            >>> asyncio.run(main())
            ('done', True)
        """
        operation = self._events()
        while True:
            if event := operation.next_event(0):
                yield events.read(event)
            elif operation.wait(0):
                return
            else:
                await asyncio.sleep(PAUSE)


class AsyncWriter(WriterCalls):
    """An upload that is fed row by row, as `Writer`.

    Attributes:
        report: What came of the run, once it is closed.
    """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            await self.close()
        else:
            await abort_async(self._call, error)

    async def write(self, row: Any) -> None:
        """Pushes one row; waits while the queue is full: `Writer.write`, awaited."""
        if not await push_async(self._call, self._sink, self._rows.encode([row])):
            await self.close()

    async def close(self) -> RunReport:
        """Says that all rows were written, and does the rest of `AsyncClient.upload`: `Writer.close`, awaited."""
        if self.report is None:
            self.report = await run_async(self._call)
        return self.report


class AsyncBatch(BatchCalls):
    """A batch, by its ref alone, as `Batch`.

    Attributes:
        ref: The ref.
    """

    async def status(self) -> BatchInfo:
        """What the service says of it now: `Batch.status`, awaited."""
        return await run_async(self._status())

    async def wait(self) -> BatchInfo:
        """Waits until it has finished: `Batch.wait`, awaited."""
        return await run_async(self._wait())

    async def errors(self) -> Rejects:
        """The records the service refused in it: `Batch.errors`, awaited."""
        return await run_async(self._errors())
