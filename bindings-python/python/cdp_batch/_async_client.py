"""The client that awaits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, Unpack

from cdp_batch._async_run import AsyncBatch, AsyncRun, AsyncWriter
from cdp_batch._calls import Calls, listener, next_batch
from cdp_batch._drive import run_async

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Iterable
    from types import TracebackType
    from uuid import UUID

    from cdp_batch._calls import BatchQuery, Default, Listener
    from cdp_batch._info import BatchInfo, CheckReport, PackReport, Reconciliation, RunInfo
    from cdp_batch._options import RunOptions
    from cdp_batch._report import RunReport
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
        """Gives back connections. Later calls raise `ClosedError`.

        Example:
            >>> asyncio.run(cdp_batch.AsyncClient.from_env().close())
        """
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
        """Like `upload`, but returns as soon as storage has accepted every part: `Client.submit`, awaited.

        Example:
            >>> async def main():
            ...     run = await async_client.submit(guests)
            ...     return (await run.wait()).ok
            >>> asyncio.run(main())
            True
        """
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
        """Checks every record without sending anything: `Client.validate`, awaited.

        Example:
            >>> asyncio.run(async_client.validate(faulty, check="model")).invalid
            3
        """
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
        """Packs records into files without sending anything: `Client.pack`, awaited.

        Example:
            >>> asyncio.run(async_client.pack(guests, folder)).counts.packed
            3
        """
        return await run_async(self._pack(source, folder, nan, default, options))

    def batch(self, ref: str | UUID) -> AsyncBatch:
        """A batch, by its ref alone, as with `Client.batch`.

        Example:
            >>> ref = asyncio.run(async_client.upload(guests)).batches[0].ref
            >>> asyncio.run(async_client.batch(ref).status()).status
            'success'
        """
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
        """Waits until these batches have finished: `Client.wait`, awaited.

        Example:
            >>> refs = asyncio.run(async_client.submit(guests)).refs
            >>> [batch.status for batch in asyncio.run(async_client.wait(refs))]
            ['success']
        """
        return await run_async(self._wait(refs, options))

    async def report(self, refs: Iterable[str | UUID]) -> RunReport:
        """A report of these batches as the service tells of them now: `Client.report`, awaited.

        Example:
            >>> refs = [batch.ref for batch in asyncio.run(async_client.upload(guests)).batches]
            >>> asyncio.run(async_client.report(refs)).counts.confirmed
            3
        """
        return await run_async(self._report(refs))

    async def runs(self) -> list[RunInfo]:
        """Every run in the journal of `state_dir`, the latest first: `Client.runs`, awaited.

        Example:
            >>> stateful = cdp_batch.AsyncClient.from_env(state_dir=folder)
            >>> report = asyncio.run(stateful.upload(guests, run_id="nightly"))
            >>> [run.run_id for run in asyncio.run(stateful.runs())]
            ['nightly']
        """
        return self._runs()

    async def resume(self, run_id: str, *, on_event: Listener | None = None, progress: bool = False) -> RunReport:
        """Goes on with a run from its journal in `state_dir`: `Client.resume`, awaited.

        Example:
            >>> stateful = cdp_batch.AsyncClient.from_env(state_dir=folder)
            >>> report = asyncio.run(stateful.upload(guests, run_id="weekly"))
            >>> asyncio.run(stateful.resume("weekly")).counts.confirmed
            3
        """
        return await run_async(self._resume(run_id, listener(on_event, progress)))

    async def reconcile(self) -> Reconciliation:
        """Compares the journal of `state_dir` with the service's list: `Client.reconcile`, awaited.

        Example:
            >>> stateful = cdp_batch.AsyncClient.from_env(state_dir=folder)
            >>> report = asyncio.run(stateful.upload(guests))
            >>> asyncio.run(stateful.reconcile()).processing
            ()
        """
        return await run_async(self._reconcile())
