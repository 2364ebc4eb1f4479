"""Upload a file and wait until the service has confirmed it."""

from cdp_batch import Client

# Reads CDP_REGION (or CDP_BASE_URL), CDP_CLIENT_KEY and CDP_API_TOKEN.
with Client.from_env() as client:
    # NDJSON, a JSON array or pretty-printed JSON; plain or gzip. Every record must be confirmed, or this raises.
    report = client.upload("examples/data/guests.ndjson")

print(f"{report.counts.confirmed} of {report.counts.read} guests are confirmed")
for batch in report.batches:
    print(f"one batch of {batch.records} records: {batch.status}")
