"""upload.py PATH: uploads a file, as the command line does."""

import sys

from cdp_batch import Client

with Client.from_env(wait={"min_ms": 5, "max_ms": 20}) as client:
    client.upload(sys.argv[1], threads=2)
