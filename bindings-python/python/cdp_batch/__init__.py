"""Upload guests and orders to Sitecore CDP: fast, resumable, every refused record explained."""

try:
    from cdp_batch import _native as _native
except ImportError as error:
    raise ImportError(
        f"the native half of cdp_batch cannot be loaded: {error}. It works in the main interpreter only; mod_wsgi needs "
        "`WSGIApplicationGroup %{GLOBAL}`"
    ) from error

from cdp_batch._async_client import AsyncClient
from cdp_batch._async_run import AsyncBatch, AsyncRun, AsyncWriter
from cdp_batch._calls import BatchQuery
from cdp_batch._client import Client
from cdp_batch._info import (
    BatchInfo,
    CheckReport,
    Finding,
    Findings,
    OpenBatch,
    PackCounts,
    PackReport,
    Part,
    Reconciliation,
    RunInfo,
    Stats,
)
from cdp_batch._native import __version__
from cdp_batch._options import ClientOptions, Http, Retry, RunOptions, Wait
from cdp_batch._report import BatchReport, Counts, Example, Reason, Reject, Rejects, RunReport
from cdp_batch._run import Batch, Run, Writer
from cdp_batch.errors import (
    BatchCorruptedError,
    CancelledError,
    CdpBatchError,
    ClosedError,
    ConflictError,
    IntegrityError,
    InternalError,
    InvalidOptionsError,
    InvalidRecordError,
    IoError,
    JournalError,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    RecordsRejectedError,
    RecordTooLargeError,
    RejectedError,
    TimeoutError,
    TlsError,
    UnauthorizedError,
    UnavailableError,
    UploadExpiredError,
)
from cdp_batch.events import Event, log_events

__all__ = [
    "AsyncBatch",
    "AsyncClient",
    "AsyncRun",
    "AsyncWriter",
    "Batch",
    "BatchCorruptedError",
    "BatchInfo",
    "BatchQuery",
    "BatchReport",
    "CancelledError",
    "CdpBatchError",
    "CheckReport",
    "Client",
    "ClientOptions",
    "ClosedError",
    "ConflictError",
    "Counts",
    "Event",
    "Example",
    "Finding",
    "Findings",
    "Http",
    "IntegrityError",
    "InternalError",
    "InvalidOptionsError",
    "InvalidRecordError",
    "IoError",
    "JournalError",
    "NotFoundError",
    "OpenBatch",
    "PackCounts",
    "PackReport",
    "Part",
    "ProtocolError",
    "RateLimitedError",
    "Reason",
    "Reconciliation",
    "RecordTooLargeError",
    "RecordsRejectedError",
    "Reject",
    "RejectedError",
    "Rejects",
    "Retry",
    "Run",
    "RunInfo",
    "RunOptions",
    "RunReport",
    "Stats",
    "TimeoutError",
    "TlsError",
    "UnauthorizedError",
    "UnavailableError",
    "UploadExpiredError",
    "Wait",
    "Writer",
    "__version__",
    "log_events",
]
