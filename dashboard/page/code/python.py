from cdp_batch import Client

# Reads CDP_REGION or CDP_BASE_URL, CDP_CLIENT_KEY and CDP_API_TOKEN.
with Client.from_env() as client:
    batch = client.batch("00000000-0000-0000-0000-000000000000")
    print(batch.status())
    for reject in batch.errors():
        print(reject.ref, reject.code, reject.message)
