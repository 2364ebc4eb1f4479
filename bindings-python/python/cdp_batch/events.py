"""What a call tells while it works, and ways to show it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TextIO

from cdp_batch._value import Value

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Event(Value):
    """One thing that happened; each kind is a subclass.

    Attributes:
        type: The kind, the same in every language, such as ``"uploaded"``.

    Example:
        >>> told = []
        >>> report = client.upload(guests, on_event=told.append)
        >>> (told[0].type, told[-1].type)
        ('started', 'done')
    """

    type: ClassVar[str] = ""

    def to_dict(self) -> dict[str, Any]:
        """The type and the fields, named as in every language."""
        # Not `super()`: a dataclass with slots is another class than the one this was written in.
        fields = {name.rstrip("_"): value for name, value in Value.to_dict(self).items()}
        return {"type": self.type, **fields}


@dataclass(frozen=True, slots=True)
class Started(Event):
    """The run has a name.

    Attributes:
        run_id: The run's name.

    Example:
        >>> told = []
        >>> report = client.upload(guests, on_event=told.append)
        >>> event = next(event for event in told if isinstance(event, events.Started))
        >>> event.run_id == report.run_id
        True
    """

    type: ClassVar[str] = "started"
    run_id: str


@dataclass(frozen=True, slots=True)
class Packed(Event):
    """A part is finished and waits to be sent.

    Attributes:
        part: Number of the part, from 0.
        records: Its records.
        size: Its size in bytes.
        md5: Its MD5 in hex.

    Example:
        >>> told = []
        >>> report = client.upload(guests, on_event=told.append)
        >>> event = next(event for event in told if isinstance(event, events.Packed))
        >>> event.part, event.records
        (0, 3)
    """

    type: ClassVar[str] = "packed"
    part: int
    records: int
    size: int
    md5: str


@dataclass(frozen=True, slots=True)
class Allocated(Event):
    """The service has a location for a part.

    Attributes:
        part: Number of the part, from 0.
        ref: The batch.

    Example:
        >>> told = []
        >>> report = client.upload(guests, on_event=told.append)
        >>> event = next(event for event in told if isinstance(event, events.Allocated))
        >>> event.ref == report.batches[0].ref
        True
    """

    type: ClassVar[str] = "allocated"
    part: int
    ref: str


@dataclass(frozen=True, slots=True)
class Uploaded(Event):
    """Storage has accepted a part.

    Attributes:
        part: Number of the part, from 0.
        ref: The batch.

    Example:
        >>> told = []
        >>> report = client.upload(guests, on_event=told.append)
        >>> event = next(event for event in told if isinstance(event, events.Uploaded))
        >>> event.part, event.ref == report.batches[0].ref
        (0, True)
    """

    type: ClassVar[str] = "uploaded"
    part: int
    ref: str


@dataclass(frozen=True, slots=True)
class StatusChanged(Event):
    """The service says a batch is in another state.

    Attributes:
        ref: The batch.
        from_: Its state before, if one was known.
        to: Its state now.

    Example:
        >>> told = []
        >>> report = client.upload(guests, on_event=told.append)
        >>> event = next(event for event in told if isinstance(event, events.StatusChanged))
        >>> event.ref == report.batches[0].ref
        True
    """

    type: ClassVar[str] = "status"
    ref: str
    from_: str | None
    to: str


@dataclass(frozen=True, slots=True)
class Retried(Event):
    """A request failed and is tried again after a pause.

    Attributes:
        stage: What was tried.
        ref: The batch, if it was about one.
        attempt: Tries so far.
        delay_ms: The pause in milliseconds.
        code: Why it failed: the code of an error.

    Example:
        >>> busy = {"rules": [{"on": "allocate", "match": {"try": [1]}, "do": {"type": "status", "status": 503}}]}
        >>> told = []
        >>> with testing.Emulator(faults=busy) as emulator, emulator.client() as client:
        ...     report = client.upload(guests, on_event=told.append)
        >>> next((event.stage, event.attempt, event.code) for event in told if isinstance(event, events.Retried))
        ('allocate', 1, 'unavailable')
    """

    type: ClassVar[str] = "retry"
    stage: str
    ref: str | None
    attempt: int
    delay_ms: int
    code: str


@dataclass(frozen=True, slots=True)
class Progressed(Event):
    """How far the run is. Every number only grows, and none is ever more than the truth.

    Attributes:
        read: Records read from the source, bad ones included.
        packed: Records in finished parts.
        packed_bytes: Bytes of finished parts.
        sent_bytes: Bytes handed to the network, counted once also when a part is sent again.
        sent: Records in parts that storage has accepted.
        confirmed: Records the service has confirmed.
        rejected: Records refused, by us or by the service.

    Example:
        >>> told = []
        >>> report = client.upload(guests, on_event=told.append)
        >>> event = next(event for event in told if isinstance(event, events.Progressed))
        >>> event.read <= 3
        True
    """

    type: ClassVar[str] = "progress"
    read: int
    packed: int
    packed_bytes: int
    sent_bytes: int
    sent: int
    confirmed: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Done(Progressed):
    """The call is over; the last event.

    Example:
        >>> told = []
        >>> report = client.upload(guests, on_event=told.append)
        >>> told[-1].read, told[-1].confirmed
        (3, 3)
    """

    type: ClassVar[str] = "done"


KINDS: dict[str, type[Event]] = {
    kind.type: kind for kind in (Started, Packed, Allocated, Uploaded, StatusChanged, Retried, Progressed, Done)
}


def read(text: str) -> Event:
    """The event in this JSON.

    Example:
        >>> events.read('{"type": "started", "run_id": "nightly"}')
        Started(run_id='nightly')
    """
    known = json.loads(text)
    return KINDS[known.pop("type")].from_dict(
        {f"{name}_" if iskeyword(name) else name: value for name, value in known.items()}
    )


def describe(event: Event) -> str | None:
    """The words for an event; None for one that only moves numbers.

    Example:
        >>> events.describe(events.Started("nightly"))
        'run nightly'
    """
    match event:
        case Started():
            return f"run {event.run_id}"
        case Packed():
            return f"part {event.part}: packed, {event.records:,} records in {event.size:,} bytes"
        case Allocated():
            return f"part {event.part}: batch {event.ref}"
        case Uploaded():
            return f"part {event.part}: uploaded"
        case StatusChanged():
            return f"batch {event.ref}: {event.to}"
        case Retried():
            return f"{event.stage}: {event.code}, trying again in {event.delay_ms} ms (try {event.attempt})"
        case _:
            return None


class Lines:
    """Shows a line on stderr for everything that is news.

    Example:
        >>> report = client.upload(guests, run_id="nightly", on_event=events.Lines(sys.stdout))
        run nightly
        part 0: packed, 3 records in ... bytes
        ...
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr

    def __call__(self, event: Event) -> None:
        """Shows an event."""
        if words := describe(event):
            print(words, file=self._out)


class _Bar(Protocol):
    n: float

    def refresh(self) -> object: ...
    def close(self) -> object: ...


class Bars:
    """Draws how many records were read, sent and confirmed, by tqdm.

    Example:
        >>> from tqdm import tqdm
        >>> bars = events.Bars(lambda name: tqdm(desc=name, file=io.StringIO()))
        >>> client.upload(guests, on_event=bars).ok
        True
    """

    def __init__(self, bar: Callable[[str], _Bar]) -> None:
        self._bars = {name: bar(name) for name in ("read", "sent", "confirmed")}

    def __call__(self, event: Event) -> None:
        """Shows an event."""
        if isinstance(event, Progressed):
            for name, bar in self._bars.items():
                bar.n = getattr(event, name)
                bar.refresh()
                if isinstance(event, Done):
                    bar.close()


def progress() -> Callable[[Event], None]:
    """Bars where tqdm is installed, else lines: what ``progress=True`` shows.

    Example:
        >>> client.upload(guests, on_event=events.progress()).ok
        True
    """
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return Lines()
    return Bars(lambda name: tqdm(desc=name, unit=" records"))


def log_events(logger: logging.Logger) -> Callable[[Event], None]:
    """Makes a listener that logs: retries as warnings, everything else that is news as info.

    Args:
        logger: Where to. Nothing is ever logged without being asked for.

    Returns:
        A function to pass as ``on_event``.

    Example:
        >>> import logging
        >>> report = client.upload(guests, on_event=cdp_batch.log_events(logging.getLogger("nightly")))
    """

    def log(event: Event) -> None:
        if words := describe(event):
            logger.log(30 if isinstance(event, Retried) else 20, "%s", words)

    return log
