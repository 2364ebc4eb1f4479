"""What the blocking client hands out: runs, writers and batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from cdp_batch import events
from cdp_batch._calls import BatchCalls, RunCalls, WriterCalls, listener
from cdp_batch._drive import SLICE_MS, abort, push, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from cdp_batch._calls import Listener
    from cdp_batch._info import BatchInfo
    from cdp_batch._report import Rejects, RunReport


class Run(RunCalls):
    """A run whose parts are all accepted by storage.

    Attributes:
        run_id: The run's name.
        refs: Its batches. They are all that another process needs to carry on.

    Example:
        >>> client.submit(guests, run_id="hourly")
        <Run hourly, batches: 1>
    """

    def wait(self, *, on_event: Listener | None = None, progress: bool = False) -> RunReport:
        """Waits until every batch is processed.

        Args:
            on_event: As for `Client.upload`.
            progress: As for `Client.upload`.

        Raises:
            ClosedError: It was called before.
            CdpBatchError: As `Client.upload`.

        Example:
            >>> client.submit(guests).wait().ok
            True
        """
        return run(self._wait(listener(on_event, progress)))

    def events(self) -> Iterator[events.Event]:
        """What happens until every batch is processed, and what happened since `Client.submit`; then call `wait`.

        Example:
            >>> run = client.submit(guests)
            >>> [event.to for event in run.events() if event.type == "status"][-1]
            'success'
            >>> report = run.wait()
        """
        operation = self._events()
        while True:
            if event := operation.next_event(SLICE_MS):
                yield events.read(event)
            elif operation.wait(0):
                return


class Writer(WriterCalls):
    """An upload that is fed row by row.

    Leaving its `with` block closes it; leaving it by an exception gives the run up, so that half the rows are never
    taken for all.

    Attributes:
        report: What came of the run, once it is closed.

    Example:
        >>> with client.writer() as writer:
        ...     writer.write(open(guests).readline())
        >>> writer.report.ok
        True
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            abort(self._call, error)

    def write(self, row: Any) -> None:
        """Pushes one row; waits while the queue is full.

        Args:
            row: As for `Client.upload`.

        Raises:
            InvalidRecordError: The row cannot be serialised.
            CdpBatchError: The run has ended early; this says why.

        Example:
            >>> writer = client.writer()
            >>> for line in open(guests):
            ...     writer.write(line)
            >>> writer.close().counts.read
            3
        """
        if not push(self._call, self._feed, self._rows.encode([row])):
            self.close()

    def close(self) -> RunReport:
        """Says that all rows were written, and does the rest of `Client.upload`.

        Returns:
            What came of the run; the same when it is called again.

        Raises:
            CdpBatchError: As `Client.upload`.

        Example:
            >>> writer = client.writer()
            >>> writer.write(open(guests).readline())
            >>> writer.close() is writer.close() is writer.report
            True
        """
        if self.report is None:
            self.report = run(self._call)
        return self.report


class Batch(BatchCalls):
    """A batch, by its ref alone.

    Attributes:
        ref: The ref.

    Example:
        >>> client.batch(client.submit(guests).refs[0])
        <Batch ...>
    """

    def status(self) -> BatchInfo:
        """What the service says of it now.

        Raises:
            NotFoundError: The service does not know it.

        Example:
            >>> ref = client.upload(guests).batches[0].ref
            >>> client.batch(ref).status().stats.succeeded
            3
        """
        return run(self._status())

    def wait(self) -> BatchInfo:
        """Waits until it has finished.

        Raises:
            TimeoutError: It did not finish for the client's ``wait.timeout_ms``. It is not lost: wait again.
            NotFoundError: The service does not know it.

        Example:
            >>> client.batch(client.submit(guests).refs[0]).wait().status
            'success'
        """
        return run(self._wait())

    def errors(self) -> Rejects:
        """The records the service refused in it.

        Raises:
            NotFoundError: The service does not know it.

        Example:
            >>> ref = client.upload(faulty, raise_on="never").batches[0].ref
            >>> [(reject.code, reject.message) for reject in client.batch(ref).errors()]
            [('400', 'Not enough identifying information')]
        """
        return run(self._errors())
