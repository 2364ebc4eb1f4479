"""What both clients share: which work each method starts, and how what it ends with is read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, Self, TypeAlias, TypedDict, TypeVar, Unpack
from uuid import UUID

from cdp_batch import _native, events
from cdp_batch._drive import Call
from cdp_batch._info import BatchInfo, CheckReport, PackReport, Reconciliation, RunInfo
from cdp_batch._options import ClientOptions, RunOptions
from cdp_batch._report import Rejects, RunReport
from cdp_batch._source import AsyncSource, Feed, Nan, Rows, opened

T = TypeVar("T")

Listener: TypeAlias = Callable[[events.Event], None]
"""Called with each event, on the caller's thread."""

Default: TypeAlias = Callable[[Any], Any]
"""Makes something that JSON has a type for of something that it has none for."""


class BatchQuery(TypedDict, total=False):
    """Which batches of the list, and in which order.

    Example:
        >>> report = client.upload(guests)
        >>> query: cdp_batch.BatchQuery = {"status": "success", "sort": "-created", "limit": 1}
        >>> [batch.status for batch in client.batches(**query)]
        ['success']
    """

    status: str | Sequence[str]
    """Only with this status, or one of these."""

    created_after: datetime | str | None
    """Only those allocated after this."""

    created_before: datetime | str | None
    """Only those allocated before this."""

    modified_after: datetime | str | None
    """Only those that changed last after this."""

    modified_before: datetime | str | None
    """Only those that changed last before this."""

    ref_prefix: str | None
    """Only those whose ref begins so."""

    sort: Literal["created", "-created", "modified", "-modified"] | None
    """The order; a minus sign means the newest first. Sorting reads the whole list first."""

    limit: int | None
    """At most so many."""


class Calls:
    """A client without a way to wait."""

    _handle: _native.Client

    def __init__(
        self,
        *,
        client_key: str,
        api_token: str,
        region: str | None = None,
        base_url: str | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        self._handle = _native.Client(region, base_url, client_key, api_token, _client_json(options))

    @classmethod
    def from_env(cls, **options: Unpack[ClientOptions]) -> Self:
        """A client from the environment: `CDP_REGION` or `CDP_BASE_URL`, `CDP_CLIENT_KEY` and `CDP_API_TOKEN`.

        Args:
            **options: As for the constructor.

        Raises:
            InvalidOptionsError: A variable is missing; the message names it.

        Example:
            >>> with cdp_batch.Client.from_env(level=9) as client:
            ...     report = client.upload(guests)
        """
        client = cls.__new__(cls)
        client._handle = _native.Client.from_env(_client_json(options))
        return client

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _upload(
        self,
        source: AsyncSource,
        nan: Nan,
        default: Default | None,
        listener: Listener | None,
        options: RunOptions,
    ) -> Call[RunReport]:
        records, feed = opened(source, nan, default)
        return Call(self._handle.upload(records, _json(options)), RunReport.of, feed, listener)

    def _submit(
        self,
        source: AsyncSource,
        nan: Nan,
        default: Default | None,
        listener: Listener | None,
        options: RunOptions,
        run: Callable[[_native.Run], T],
    ) -> Call[T]:
        records, feed = opened(source, nan, default)
        return Call(self._handle.submit(records, _json(options)), run, feed, listener, is_followed=True)

    def _validate(
        self, source: AsyncSource, nan: Nan, default: Default | None, options: RunOptions
    ) -> Call[CheckReport]:
        records, feed = opened(source, nan, default)
        return Call(self._handle.validate(records, _json(options)), CheckReport.of, feed)

    def _pack(
        self,
        source: AsyncSource,
        folder: str | os.PathLike[str],
        nan: Nan,
        default: Default | None,
        options: RunOptions,
    ) -> Call[PackReport]:
        records, feed = opened(source, nan, default)
        return Call(self._handle.pack(records, folder, _json(options)), PackReport, feed)

    def _writer(
        self, nan: Nan, default: Default | None, listener: Listener | None, options: RunOptions
    ) -> tuple[Rows, Call[RunReport], Feed]:
        records, writer = _native.Source.rows()
        feed = Feed(writer, iter(()))
        call = Call(self._handle.upload(records, _json(options)), RunReport.of, feed, listener)
        return Rows(nan, default), call, feed

    def _resume(self, run_id: str, listener: Listener | None) -> Call[RunReport]:
        return Call(self._handle.resume(run_id), RunReport.of, None, listener)

    def _reconcile(self) -> Call[Reconciliation]:
        return Call(self._handle.reconcile(), Reconciliation.of)

    def _wait(self, refs: Iterable[str | UUID], options: RunOptions) -> Call[list[BatchInfo]]:
        return Call(self._handle.wait(_texts(refs), _json(options)), _batches)

    def _report(self, refs: Iterable[str | UUID]) -> Call[RunReport]:
        return Call(self._handle.report(_texts(refs)), RunReport.of)

    def _runs(self) -> list[RunInfo]:
        return [RunInfo.from_dict(run) for run in json.loads(self._handle.runs())]

    def _batches(self, query: BatchQuery) -> _native.Batches:
        known: dict[str, Any] = {name: _text(value) for name, value in query.items()}
        status = query.get("status", ())
        known["status"] = [status] if isinstance(status, str) else list(status)
        return self._handle.batches(json.dumps(known))


class RunCalls:
    """A run whose parts are all accepted by storage, without a way to wait.

    Attributes:
        run_id: The run's name.
        refs: Its batches. They are all that another process needs to carry on.
    """

    def __init__(self, run: _native.Run) -> None:
        self.run_id = run.run_id
        self.refs = run.refs
        self._handle = run
        self._waiting: _native.Operation | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.run_id}, batches: {len(self.refs)}>"

    def _wait(self, on_event: Listener | None) -> Call[RunReport]:
        waiting, self._waiting = self._waiting, None
        return Call(waiting or self._handle.wait(), RunReport.of, None, on_event)

    def _events(self) -> _native.Operation:
        """The work that tells the events; `_wait` goes on with it."""
        self._waiting = self._waiting or self._handle.wait()
        return self._waiting


class WriterCalls:
    """An upload that is fed row by row, without a way to wait.

    Attributes:
        report: What came of the run, once the writer is closed.
    """

    def __init__(self, rows: Rows, call: Call[RunReport], feed: Feed) -> None:
        self.report: RunReport | None = None
        self._rows = rows
        self._call = call
        self._feed = feed


class BatchCalls:
    """A batch by its ref, without a way to wait.

    Attributes:
        ref: The ref.
    """

    def __init__(self, client: _native.Client, ref: str | UUID) -> None:
        self.ref = str(ref)
        self._handle = client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.ref}>"

    def _status(self) -> Call[BatchInfo]:
        return Call(self._handle.batch_status(self.ref), _batch)

    def _wait(self) -> Call[BatchInfo]:
        return Call(self._handle.batch_wait(self.ref), _batch)

    def _errors(self) -> Call[Rejects]:
        return Call(self._handle.batch_errors(self.ref), Rejects)


def listener(on_event: Listener | None, progress: bool) -> Listener | None:
    """One listener for both."""
    if not progress:
        return on_event
    if on_event is None:
        return events.progress()
    show, also = events.progress(), on_event

    def both(event: events.Event) -> None:
        show(event)
        also(event)

    return both


def next_batch(batches: _native.Batches) -> Call[BatchInfo | None]:
    """The next batch of a list; None at its end."""
    return Call(batches.next(), lambda text: None if text == "null" else _batch(text))


def _batch(text: str) -> BatchInfo:
    return BatchInfo.from_dict(json.loads(text))


def _batches(text: str) -> list[BatchInfo]:
    return [BatchInfo.from_dict(batch) for batch in json.loads(text)]


def _json(options: RunOptions | ClientOptions) -> str:
    """Options as the core takes them: it knows their names, types and ranges."""
    return json.dumps(options, default=os.fspath)


def _client_json(options: ClientOptions) -> str:
    """The same, with the authorities that the environment names for Python programs."""
    bundle = os.environ.get("REQUESTS_CA_BUNDLE")
    if bundle and os.path.isfile(bundle):
        options = {**options, "http": {"ca_file": bundle, **options.get("http", {})}}
    return _json(options)


def _texts(refs: Iterable[str | UUID]) -> list[str]:
    return [refs] if isinstance(refs, str) else [str(ref) for ref in refs]


def _text(value: Any) -> Any:
    """A time as text; one without a time zone is local, as everywhere in Python. Anything else as it is."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
