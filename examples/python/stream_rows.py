"""Upload rows as they come, from a query for instance, without a file in between."""

from collections.abc import Iterator
from typing import Any

from cdp_batch import Client


def query() -> Iterator[dict[str, Any]]:
    """Stands for a database."""
    for number in range(1, 1_001):
        yield {
            "guestType": "customer",
            "email": f"customer{number}@example.com",
            "identifiers": [{"provider": "CRM", "id": f"C-{number}"}],
        }


with Client.from_env() as client:
    # The rows are bare values. Schema and mode make records of them, and a guest's ref is made from the e-mail address,
    # so that it is the same tomorrow. The generator is asked for no more than is being packed.
    report = client.upload(query(), schema="guest", mode="upsert", ref_field="email")

print(f"{report.counts.confirmed} of {report.counts.read} rows are confirmed")
