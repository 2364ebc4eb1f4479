"""The client that blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self, Unpack

from cdp_batch._calls import Calls, listener, next_batch
from cdp_batch._drive import run
from cdp_batch._run import Batch, Run, Writer

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from types import TracebackType
    from uuid import UUID

    from cdp_batch._calls import BatchQuery, Default, Listener
    from cdp_batch._info import BatchInfo, CheckReport, PackReport, Reconciliation, RunInfo
    from cdp_batch._options import RunOptions
    from cdp_batch._report import RunReport
    from cdp_batch._source import Nan, Source


class Client(Calls):
    """Uploads records to Sitecore CDP, waits until they are processed, and explains every one that was refused.

    Each call blocks, and other threads run meanwhile. Ctrl-C stops a call within a moment and leaves a run that can be
    carried on with. A client may be used by many threads; after a fork, make a new one.

    Args:
        client_key: The Client Key, from Settings > API access in Sitecore CDP.
        api_token: The API Token, from the same page.
        region: ``"eu"``, ``"us"``, ``"ap"`` or ``"jp"``; or else
        base_url: the address of the service.
        **options: Defaults of every call, and how the service is reached (`ClientOptions`).

    Raises:
        InvalidOptionsError: Something is missing, unknown or out of range; the message names it.

    Example:
        >>> with cdp_batch.Client(base_url=url, client_key=client_key, api_token=api_token) as client:
        ...     report = client.upload(guests)
        >>> report
        <RunReport ...: 3 of 3 records confirmed>
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives back connections. Later calls raise `ClosedError`.

        Example:
            >>> other = cdp_batch.Client.from_env()
            >>> other.close()
        """
        self._handle.close()

    def upload(
        self,
        source: Source,
        *,
        nan: Nan = "error",
        default: Default | None = None,
        on_event: Listener | None = None,
        progress: bool = False,
        **options: Unpack[RunOptions],
    ) -> RunReport:
        """Checks, packs, uploads, waits and explains.

        Args:
            source: Records: a path (a `str` with ``*``, ``?`` or ``[`` is a pattern), a list of `Path`, bytes, an open
                file (read from where it stands, never closed), or an iterable of rows. A row is a dict, dataclass or
                pydantic model, which is serialised, or a `str` or `bytes` of JSON, which is sent byte for byte.
            nan: What becomes of a NaN in a row: ``"error"``, ``"null"``, or ``"omit"`` to leave its key out.
            default: Called with a value that JSON has no type for; returns one that it has a type for.
            on_event: Called with each event, on this thread.
            progress: Whether to show progress on stderr: bars where tqdm is installed, else lines.
            **options: What is different for this run (`RunOptions`).

        Returns:
            What came of the run.

        Raises:
            RecordsRejectedError: Records were refused; everything else was loaded. Its `report` tells which and why.
            BatchCorruptedError: The service could not read a batch.
            CdpBatchError: Anything else; see `cdp_batch.errors`.

        Example:
            >>> report = client.upload([{"email": "ada@example.com"}], schema="guest", mode="upsert", ref_field="email")
            Traceback (most recent call last):
                ...
            cdp_batch.errors.RecordsRejectedError: 1 of 1 records were rejected; ...
            >>> client.upload(guests, progress=False).counts.confirmed
            3
        """
        return run(self._upload(source, nan, default, listener(on_event, progress), options))

    def submit(
        self,
        source: Source,
        *,
        nan: Nan = "error",
        default: Default | None = None,
        on_event: Listener | None = None,
        progress: bool = False,
        **options: Unpack[RunOptions],
    ) -> Run:
        """Like `upload`, but returns as soon as storage has accepted every part.

        Args:
            source: As for `upload`.
            nan: As for `upload`.
            default: As for `upload`.
            on_event: As for `upload`.
            progress: As for `upload`.
            **options: As for `upload`.

        Returns:
            The run. Its refs are all that another process needs to carry on.

        Raises:
            CdpBatchError: As `upload`, but for what comes of the last parts.

        Example:
            >>> run = client.submit(guests)
            >>> run.wait().ok
            True
        """
        return run(self._submit(source, nan, default, listener(on_event, progress), options, Run))

    def writer(
        self,
        *,
        nan: Nan = "error",
        default: Default | None = None,
        on_event: Listener | None = None,
        progress: bool = False,
        **options: Unpack[RunOptions],
    ) -> Writer:
        """An upload that is fed row by row.

        Args:
            nan: As for `upload`.
            default: As for `upload`.
            on_event: As for `upload`.
            progress: As for `upload`.
            **options: As for `upload`.

        Returns:
            A writer; `Writer.close`, or the end of its `with` block, is the rest of `upload`.

        Example:
            >>> with client.writer(schema="guest", mode="upsert", ref_field="email") as writer:
            ...     for number in range(3):
            ...         writer.write({"guestType": "customer", "email": f"guest{number}@example.com",
            ...                       "identifiers": [{"provider": "CRM", "id": str(number)}]})
            >>> writer.report.counts.confirmed
            3
        """
        return Writer(*self._writer(nan, default, listener(on_event, progress), options))

    def validate(
        self,
        source: Source,
        *,
        nan: Nan = "error",
        default: Default | None = None,
        **options: Unpack[RunOptions],
    ) -> CheckReport:
        """Checks every record without sending anything.

        Args:
            source: As for `upload`.
            nan: As for `upload`.
            default: As for `upload`.
            **options: As for `upload`; ``check="model"`` looks closest.

        Returns:
            What was found, each finding with its place.

        Raises:
            IoError: The source cannot be read.

        Example:
            >>> found = client.validate(faulty, check="model")
            >>> found.read, found.invalid
            (5, 3)
        """
        return run(self._validate(source, nan, default, options))

    def pack(
        self,
        source: Source,
        folder: str | os.PathLike[str],
        *,
        nan: Nan = "error",
        default: Default | None = None,
        **options: Unpack[RunOptions],
    ) -> PackReport:
        """Packs records into files as the service wants them, without sending anything.

        Args:
            source: As for `upload`.
            folder: Where the files go, named ``00000.json.gz`` and so on. It is made if needed.
            nan: As for `upload`.
            default: As for `upload`.
            **options: As for `upload`.

        Returns:
            The files, with their size and MD5, and the records that are in none of them.

        Raises:
            IoError: The source or the folder cannot be used.

        Example:
            >>> [part.records for part in client.pack(guests, folder).parts]
            [3]
        """
        return run(self._pack(source, folder, nan, default, options))

    def batch(self, ref: str | UUID) -> Batch:
        """A batch, by its ref alone: whoever sent it.

        Args:
            ref: The ref, a UUID. Nothing is asked yet.

        Example:
            >>> ref = client.submit(guests).refs[0]
            >>> client.batch(ref).wait().status
            'success'
        """
        return Batch(self._handle, ref)

    def batches(self, **query: Unpack[BatchQuery]) -> Iterator[BatchInfo]:
        """The batches of the last 30 days, fetched page by page as they are needed.

        Args:
            **query: Which, in which order, and how many at most (`BatchQuery`).

        Raises:
            InvalidOptionsError: There is no such status, or a time is none.

        Example:
            >>> [batch.status for batch in client.batches(status=["error", "corrupted"], limit=10)]
            []
        """
        batches = self._batches(query)
        return iter(lambda: run(next_batch(batches)), None)

    def wait(self, refs: Iterable[str | UUID], **options: Unpack[RunOptions]) -> list[BatchInfo]:
        """Waits until these batches have finished. Needs nothing but their refs, so any process can do it.

        Args:
            refs: The refs.
            **options: ``wait={"timeout_ms": ...}`` says how long.

        Returns:
            What the service says of each.

        Raises:
            TimeoutError: None of them finished for that long. They are not lost: wait again.
            NotFoundError: The service does not know one of them.

        Example:
            >>> run = client.submit(guests)
            >>> [batch.status for batch in client.wait(run.refs)]
            ['success']
        """
        return run(self._wait(refs, options))

    def report(self, refs: Iterable[str | UUID]) -> RunReport:
        """A report of these batches as the service tells of them now. Needs nothing but their refs.

        Args:
            refs: The refs.

        Returns:
            A report whose rejects have a ref, a code and a message, but neither source nor record.

        Raises:
            NotFoundError: The service does not know one of them.

        Example:
            >>> run = client.submit(guests)
            >>> finished = client.wait(run.refs)
            >>> client.report(run.refs).counts.confirmed
            3
        """
        return run(self._report(refs))

    def runs(self) -> list[RunInfo]:
        """Every run in the journal of `state_dir`, the latest first.

        Raises:
            InvalidOptionsError: The client has no `state_dir`.
            JournalError: The folder holds no journal that can be read.

        Example:
            >>> with cdp_batch.Client.from_env(state_dir=folder) as stateful:
            ...     report = stateful.upload(guests, run_id="nightly")
            ...     [(run.run_id, run.state) for run in stateful.runs()]
            [('nightly', 'finished')]
        """
        return self._runs()

    def resume(self, run_id: str, *, on_event: Listener | None = None, progress: bool = False) -> RunReport:
        """Goes on with a run from its journal in `state_dir`: nothing is lost, and nothing is sent twice.

        `upload` with the same `run_id`, source and options means the same.

        Args:
            run_id: The run's name.
            on_event: As for `upload`.
            progress: As for `upload`.

        Raises:
            JournalError: The run is not there, or it was fed from something that cannot be read again from here.
            CdpBatchError: As `upload`.

        Example:
            >>> with cdp_batch.Client.from_env(state_dir=folder) as stateful:
            ...     report = stateful.upload(guests, run_id="weekly")
            ...     stateful.resume("weekly").counts.confirmed
            3
        """
        return run(self._resume(run_id, listener(on_event, progress)))

    def reconcile(self) -> Reconciliation:
        """Compares the journal of `state_dir` with the service's list of the last 30 days.

        Raises:
            InvalidOptionsError: The client has no `state_dir`.
            JournalError: The folder holds no journal that can be read.

        Example:
            >>> with cdp_batch.Client.from_env(state_dir=folder) as stateful:
            ...     report = stateful.upload(guests)
            ...     stateful.reconcile().never_uploaded
            ()
        """
        return run(self._reconcile())
