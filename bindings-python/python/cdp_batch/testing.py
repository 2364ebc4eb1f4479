"""A local Batch API to test jobs against: no tenant, no network beyond this machine.

It is stricter than the service's documents, and fails on purpose where a test asks it to. Its faults are described in
the emulator's README.

With pytest, the fixture ``cdp_emulator`` is there as soon as the package is installed. It points the environment at
itself, so that a job that calls ``Client.from_env()`` needs no change::

    def test_the_nightly_job(cdp_emulator):
        nightly.main()
        assert [record.record["ref"] for record in cdp_emulator.arrived()] == [...]
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Literal, Required, Self, TypedDict, Unpack

from cdp_batch import _native
from cdp_batch._async_client import AsyncClient
from cdp_batch._client import Client
from cdp_batch._options import ClientOptions

__all__ = ["ArrivedRecord", "Emulator", "FaultPlan", "Match", "Request", "Rule", "StoredBatch"]

Match = TypedDict(
    "Match",
    {
        "try": Sequence[int],
        "from": int,
        "every": int,
        "probability": float,
        "ref_index": int,
        "per": Literal["ref", "endpoint"],
    },
    total=False,
)
"""Which requests a rule is for, counted from 1; every condition given must hold."""


class Rule(TypedDict, total=False):
    """A fault and the requests that meet it.

    Example:
        >>> rule: testing.Rule = {"on": "upload", "match": {"try": [1]}, "do": {"type": "status", "status": 503}}
        >>> with testing.Emulator(faults={"rules": [rule]}) as emulator, emulator.client() as client:
        ...     client.upload(guests).ok
        True
    """

    on: Required[Literal["allocate", "upload", "status", "inspect", "list", "log", "any"]]
    match: Match
    do: Required[Mapping[str, Any]]


class FaultPlan(TypedDict, total=False):
    """What goes wrong: every rule that matches a request applies. ``seed`` decides what is left to chance.

    Example:
        >>> rule: testing.Rule = {"on": "any", "match": {"probability": 0.2}, "do": {"type": "status", "status": 503}}
        >>> plan: testing.FaultPlan = {"seed": 7, "rules": [rule]}
        >>> with testing.Emulator(faults=plan) as emulator, emulator.client(retry={"attempts": 20, "base_ms": 1}) as client:
        ...     client.upload(guests).ok
        True
    """

    seed: int
    rules: Sequence[Rule]


@dataclass(frozen=True, slots=True)
class ArrivedRecord:
    """A record that the emulator accepted.

    Example:
        >>> with testing.Emulator() as emulator, emulator.client() as client:
        ...     report = client.upload(guests)
        ...     [arrived.record["schema"] for arrived in emulator.arrived()]
        ['guest', 'guest', 'guest']
    """

    batch_ref: str
    """The batch it came in."""
    index: int
    """Its line in the batch, from 0; refused lines count too."""
    ref: str | None
    """Its own ``ref``."""
    text: str
    """The line exactly as it arrived, without its ending."""
    code: str
    """Code of the outcome, always ``2xx``."""
    message: str
    """Message of the outcome."""

    @property
    def record(self) -> Any:
        """The record, parsed."""
        return json.loads(self.text)


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch as the emulator knows it.

    Example:
        >>> with testing.Emulator() as emulator, emulator.client() as client:
        ...     report = client.upload(guests)
        ...     [(batch.status, batch.uploads, batch.violations) for batch in emulator.batches()]
        [('success', 1, ())]
    """

    ref: str
    """The batch ref."""
    status: str
    """Its status now."""
    size: int
    """Its size as declared, in bytes."""
    uploads: int
    """How often its file was uploaded whole; more than once is against the documents."""
    violations: tuple[str, ...]
    """What the file or the uploads did against the documents."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that the emulator got. Header values, queries and credentials are never kept.

    Example:
        >>> with testing.Emulator() as emulator, emulator.client() as client:
        ...     report = client.upload(guests)
        ...     [request.endpoint for request in emulator.requests()][:2]
        ['allocate', 'upload']
    """

    endpoint: str | None
    """``allocate``, ``upload``, ``status``, ``inspect``, ``list`` or ``log``; none for an unknown path."""
    ref: str | None
    """The batch in the path."""
    method: str
    """HTTP method."""
    path: str
    """Path without query."""
    status: int | None
    """HTTP status of the answer; none if there was none."""
    faults: tuple[str, ...]
    """The faults that it met."""
    violations: tuple[str, ...]
    """What it did against the documents."""


class Emulator:
    """A Batch API with its storage, on this machine and in this process, until it is closed.

    Args:
        client_key: The Client Key that it wants; by default one of its own.
        api_token: The API token that it wants.
        faults: What goes wrong; by default nothing.
        records_per_second: How fast batches are processed; by default at once.

    Raises:
        ValueError: The fault plan or the pace is not valid.

    Example:
        >>> from cdp_batch.testing import Emulator
        >>> guest = {"ref": "a2e8da23-3b5e-4bd5-8d84-b2f3b0e0f4a1", "schema": "guest", "mode": "upsert",
        ...          "value": {"guestType": "customer", "identifiers": [{"provider": "email", "id": "a@example.com"}]}}
        >>> busy = {"rules": [{"on": "allocate", "match": {"try": [1]}, "do": {"type": "status", "status": 503}}]}
        >>> with Emulator(faults=busy) as emulator, emulator.client() as client:
        ...     report = client.upload([guest])
        ...     emulator.arrived()[0].record == guest
        ...     [request.status for request in emulator.requests() if request.endpoint == "allocate"]
        True
        [503, 201]
    """

    def __init__(
        self,
        *,
        client_key: str = "emulatorclientkey000000000000000",
        api_token: str = "emulator-api-token",
        faults: FaultPlan | None = None,
        records_per_second: float | None = None,
    ) -> None:
        self.client_key = client_key
        self.api_token = api_token
        self._native = _native.Emulator(client_key, api_token, json.dumps(faults or {}), records_per_second)

    @property
    def base_url(self) -> str:
        """What a client takes as ``base_url``.

        Example:
            >>> with testing.Emulator() as emulator:
            ...     emulator.base_url.startswith("http://127.0.0.1:")
            True
        """
        return self._native.base_url()

    def environment(self) -> dict[str, str]:
        """The variables from which ``Client.from_env()`` and the command line take this service.

        Example:
            >>> with testing.Emulator() as emulator:
            ...     sorted(emulator.environment())
            ['CDP_API_TOKEN', 'CDP_BASE_URL', 'CDP_CLIENT_KEY']
        """
        return {
            "CDP_BASE_URL": self.base_url,
            "CDP_CLIENT_KEY": self.client_key,
            "CDP_API_TOKEN": self.api_token,
        }

    def client(self, **options: Unpack[ClientOptions]) -> Client:
        """A client of this service.

        Args:
            **options: As for `Client`. Unless they say otherwise it asks and tries again within milliseconds.

        Example:
            >>> with testing.Emulator() as emulator, emulator.client(level=9) as client:
            ...     client.upload(guests).counts.confirmed
            3
        """
        return Client(
            base_url=self.base_url, client_key=self.client_key, api_token=self.api_token, **_impatient(options)
        )

    def async_client(self, **options: Unpack[ClientOptions]) -> AsyncClient:
        """The same for `AsyncClient`.

        Args:
            **options: As for `client`.

        Example:
            >>> async def job():
            ...     with testing.Emulator() as emulator:
            ...         async with emulator.async_client() as client:
            ...             return (await client.upload(guests)).ok
            >>> asyncio.run(job())
            True
        """
        return AsyncClient(
            base_url=self.base_url, client_key=self.client_key, api_token=self.api_token, **_impatient(options)
        )

    def arrived(self) -> list[ArrivedRecord]:
        """Every record accepted so far, in the order of processing.

        Example:
            >>> with testing.Emulator() as emulator, emulator.client() as client:
            ...     report = client.upload(guests)
            ...     len(emulator.arrived())
            3
        """
        return [
            ArrivedRecord(
                batch_ref=of["batch_ref"],
                index=of["index"],
                ref=of["ref"],
                text=of["text"],
                code=of["code"],
                message=of["message"],
            )
            for of in json.loads(self._native.arrived())
        ]

    def batches(self) -> list[StoredBatch]:
        """Every batch, in the order of allocation.

        Example:
            >>> with testing.Emulator() as emulator, emulator.client() as client:
            ...     report = client.upload(guests)
            ...     [batch.ref for batch in emulator.batches()] == [batch.ref for batch in report.batches]
            True
        """
        return [
            StoredBatch(
                ref=of["ref"],
                status=of["status"],
                size=of["size"],
                uploads=of["uploads"],
                violations=tuple(of["violations"]),
            )
            for of in json.loads(self._native.batches())
        ]

    def requests(self) -> list[Request]:
        """Every request, in the order of arrival.

        Example:
            >>> with testing.Emulator() as emulator, emulator.client() as client:
            ...     report = client.upload(guests)
            ...     {request.status for request in emulator.requests()} <= {200, 201, 202}
            True
        """
        return [
            Request(
                endpoint=of["endpoint"],
                ref=of["ref"],
                method=of["method"],
                path=of["path"],
                status=of["status"],
                faults=tuple(of["faults"]),
                violations=tuple(of["violations"]),
            )
            for of in json.loads(self._native.requests())
        ]

    def set_faults(self, faults: FaultPlan) -> None:
        """Replace the fault plan; requests are counted anew.

        Args:
            faults: What goes wrong from now on.

        Raises:
            ValueError: The plan is not valid.

        Example:
            >>> with testing.Emulator() as emulator, emulator.client(retry={"attempts": 1}) as client:
            ...     emulator.set_faults({"rules": [{"on": "allocate", "do": {"type": "status", "status": 503}}]})
            ...     client.upload(guests)
            Traceback (most recent call last):
                ...
            cdp_batch.errors.UnavailableError: ...
        """
        self._native.set_faults(json.dumps(faults))

    def advance_clock(self, by: timedelta) -> None:
        """Move the emulator's clock forward: addresses expire, batches leave the 30-day list.

        Args:
            by: How far.

        Example:
            >>> with testing.Emulator() as emulator, emulator.client() as client:
            ...     report = client.upload(guests)
            ...     emulator.advance_clock(timedelta(days=31))
            ...     list(client.batches())
            []
        """
        self._native.advance_clock(by.total_seconds())

    def reset(self) -> None:
        """Forget batches, records, requests and the clock's advance, and start the first fault plan anew.

        Example:
            >>> with testing.Emulator() as emulator, emulator.client() as client:
            ...     report = client.upload(guests)
            ...     emulator.reset()
            ...     emulator.arrived()
            []
        """
        self._native.reset()

    def close(self) -> None:
        """End it. Again does nothing.

        Example:
            >>> emulator = testing.Emulator()
            >>> emulator.close()
        """
        self._native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _impatient(options: ClientOptions) -> ClientOptions:
    return {"wait": {"min_ms": 5, "max_ms": 40}, "retry": {"base_ms": 1, "max_ms": 10}, **options}
