"""An Airflow operator whose retry never sends a batch twice, and a DAG that uses it.

The run is named after the task instance, so a worker that dies before it can remember the refs makes the same ones
again. Once they are remembered, a retry waits for them with `wait(refs)`: whatever machine it runs on, and without the
file.
"""

from types import SimpleNamespace
from typing import Any, cast

from airflow.sdk import DAG, BaseOperator, ResumableJobMixin
from airflow.sdk.definitions.context import Context
from airflow.utils.db import initdb
from pydantic import JsonValue

from cdp_batch import Client

IN_WORK = {"uploading", "file_uploaded", "processing"}


class CdpUploadOperator(ResumableJobMixin, BaseOperator):
    """Uploads a file to Sitecore CDP and waits until it is processed. Returns the counts of the run."""

    external_id_key = "cdp_refs"
    template_fields = ("source",)

    def __init__(self, *, source: str, **options: Any) -> None:
        super().__init__(**options)
        self.source = source

    def execute(self, context: Context) -> Any:
        return self.execute_resumable(context)

    def submit_job(self, context: Context) -> JsonValue:
        instance = context["ti"]
        with Client.from_env() as client:
            # Named like this in every try: what an earlier one has sent is found, and not sent again.
            run = client.submit(self.source, run_id=f"{instance.dag_id}/{instance.task_id}/{instance.run_id}")
        return [*run.refs]

    def get_job_status(self, external_id: Any, context: Context) -> str:
        with Client.from_env() as client:
            statuses = {client.batch(ref).status().status for ref in external_id}
        return next(iter(statuses & IN_WORK or statuses - {"success"} or statuses))

    def is_job_active(self, status: str) -> bool:
        return status in IN_WORK

    def is_job_succeeded(self, status: str) -> bool:
        return status == "success"

    def poll_until_complete(self, external_id: Any, context: Context) -> None:
        with Client.from_env() as client:
            client.wait(external_id)

    def get_job_result(self, external_id: Any, context: Context) -> dict[str, int]:
        with Client.from_env() as client:
            report = client.report(external_id)
        for reason in report.summary():
            self.log.warning("%d records: %s %s", reason.count, reason.code, reason.message)
        return report.counts.to_dict()


with DAG("guests") as dag:
    upload = CdpUploadOperator(task_id="upload", source="examples/data/guests.ndjson")

if __name__ == "__main__":
    # What a worker does, with a dict for Airflow's store: a first try, and one more as after a crash.
    remembered: dict[str, Any] = {}
    instance = SimpleNamespace(dag_id="guests", task_id="upload", run_id="nightly-2026-11-22", stats_tags={})
    store = SimpleNamespace(get=remembered.get, set=remembered.__setitem__)
    context = cast(Context, {"ti": instance, "task_state_store": store})
    for name in ("first try", "second try"):
        counts = upload.execute(context)
        print(f"{name}: {counts['confirmed']} of {counts['read']} guests are confirmed")
    with Client.from_env() as client:
        print(f"{len(list(client.batches()))} batch was sent")

    # What the scheduler makes of the DAG, with Airflow's database and its own store.
    initdb()
    print(f"the run of the DAG ended with {dag.test().state}")
