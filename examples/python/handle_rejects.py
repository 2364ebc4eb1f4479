"""Look at every refused record, and keep them in a file to fix and send again."""

import tempfile
from pathlib import Path

from cdp_batch import Client, RecordsRejectedError

try:
    with Client.from_env() as client:
        client.upload("examples/data/guests-with-faults.ndjson")
    print("every record is confirmed")
except RecordsRejectedError as error:
    # Whatever ended the run, what is known of it comes with the exception.
    report = error.report
    assert report is not None
    print(f"{error.code}: {report.counts.confirmed} of {report.counts.read} records are confirmed")
    for reject in report.rejects():
        print(f"{reject.source}:{reject.line}: {reject.code}: {reject.message}")

    # Exactly as they were read, so that the file can be corrected and uploaded.
    path = Path(tempfile.gettempdir()) / "rejects.ndjson"
    print(f"{report.write_rejects(path)} rejects are written")
