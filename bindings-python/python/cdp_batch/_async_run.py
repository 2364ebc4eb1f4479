"""What the awaiting client hands out: runs, writers and batches."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

from cdp_batch import events
from cdp_batch._calls import BatchCalls, RunCalls, WriterCalls, listener
from cdp_batch._drive import LOOK, abort_async, push_async, run_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType

    from cdp_batch._calls import Listener
    from cdp_batch._info import BatchInfo
    from cdp_batch._report import Rejects, RunReport


class AsyncRun(RunCalls):
    """A run whose parts are all accepted by storage, as `Run`.

    Attributes:
        run_id: The run's name.
        refs: Its batches. They are all that another process needs to carry on.

    Example:
        >>> asyncio.run(async_client.submit(guests, run_id="hourly"))
        <AsyncRun hourly, batches: 1>
    """

    async def wait(self, *, on_event: Listener | None = None, progress: bool = False) -> RunReport:
        """Waits until every batch is processed: `Run.wait`, awaited.

        Example:
            >>> async def main():
            ...     return await (await async_client.submit(guests)).wait()
            >>> asyncio.run(main()).ok
            True
        """
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
                await asyncio.sleep(LOOK)


class AsyncWriter(WriterCalls):
    """An upload that is fed row by row, as `Writer`.

    Attributes:
        report: What came of the run, once it is closed.

    Example:
        >>> async def main():
        ...     async with async_client.writer() as writer:
        ...         await writer.write(open(guests).readline())
        ...     return writer.report.ok
        >>> asyncio.run(main())
        True
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
        """Pushes one row; waits while the queue is full: `Writer.write`, awaited.

        Example:
            >>> async def main():
            ...     writer = async_client.writer()
            ...     await writer.write(open(guests).readline())
            ...     return (await writer.close()).counts.read
            >>> asyncio.run(main())
            1
        """
        if not await push_async(self._call, self._feed, self._rows.encode([row])):
            await self.close()

    async def close(self) -> RunReport:
        """Says that all rows were written, and does the rest of `AsyncClient.upload`: `Writer.close`, awaited.

        Example:
            >>> async def main():
            ...     writer = async_client.writer()
            ...     await writer.write(open(guests).readline())
            ...     return (await writer.close()).counts.read
            >>> asyncio.run(main())
            1
        """
        if self.report is None:
            self.report = await run_async(self._call)
        return self.report


class AsyncBatch(BatchCalls):
    """A batch, by its ref alone, as `Batch`.

    Attributes:
        ref: The ref.

    Example:
        >>> ref = asyncio.run(async_client.submit(guests)).refs[0]
        >>> asyncio.run(async_client.batch(ref).wait()).status
        'success'
    """

    async def status(self) -> BatchInfo:
        """What the service says of it now: `Batch.status`, awaited.

        Example:
            >>> ref = asyncio.run(async_client.upload(guests)).batches[0].ref
            >>> asyncio.run(async_client.batch(ref).status()).has_log
            False
        """
        return await run_async(self._status())

    async def wait(self) -> BatchInfo:
        """Waits until it has finished: `Batch.wait`, awaited.

        Example:
            >>> ref = asyncio.run(async_client.submit(guests)).refs[0]
            >>> asyncio.run(async_client.batch(ref).wait()).stats.total
            3
        """
        return await run_async(self._wait())

    async def errors(self) -> Rejects:
        """The records the service refused in it: `Batch.errors`, awaited.

        Example:
            >>> ref = asyncio.run(async_client.upload(faulty, raise_on="never")).batches[0].ref
            >>> [reject.code for reject in asyncio.run(async_client.batch(ref).errors())]
            ['400']
        """
        return await run_async(self._errors())
