"""Upload several files at once from one event loop, and show what happens meanwhile."""

import asyncio
from pathlib import Path

from cdp_batch import AsyncClient, RunReport
from cdp_batch.events import Event, Uploaded


async def main() -> None:
    uploaded: list[str] = []

    def on_event(event: Event) -> None:
        if isinstance(event, Uploaded):
            uploaded.append(event.ref)

    async def upload(path: Path) -> RunReport:
        # Cancelling the task, by `asyncio.timeout` for instance, stops the upload and leaves a run to carry on with.
        async with asyncio.timeout(600):
            return await client.upload(path, on_event=on_event, raise_on="never")

    paths = [Path("examples/data/guests.ndjson"), Path("examples/data/guests-with-faults.ndjson")]
    async with AsyncClient.from_env() as client:
        reports = await asyncio.gather(*map(upload, paths))

    for path, report in zip(paths, reports, strict=True):
        print(f"{path.name}: {report.counts.confirmed} of {report.counts.read} guests are confirmed")
    print(f"{len(uploaded)} batches were uploaded")


asyncio.run(main())
