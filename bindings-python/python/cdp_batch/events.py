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
    """The call is over; the last event."""

    type: ClassVar[str] = "done"


KINDS: dict[str, type[Event]] = {
    kind.type: kind for kind in (Started, Packed, Allocated, Uploaded, StatusChanged, Retried, Progressed, Done)
}


def read(text: str) -> Event:
    """The event in this JSON."""
    known = json.loads(text)
    return KINDS[known.pop("type")].from_dict(
        {f"{name}_" if iskeyword(name) else name: value for name, value in known.items()}
    )


def describe(event: Event) -> str | None:
    """The words for an event; None for one that only moves numbers."""
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
    """Shows a line on stderr for everything that is news."""

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
    """Draws how many records were read, sent and confirmed, by tqdm."""

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
    """Bars where tqdm is installed, else lines."""
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
