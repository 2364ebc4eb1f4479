"""decode.py NAME.gz...: writes what is in each gzip file into NAME, by zlib."""

import sys
import zlib

for name in sys.argv[1:]:
    with open(name, "rb") as packed:
        member = zlib.decompressobj(wbits=31)
        text = member.decompress(packed.read()) + member.flush()
    if not member.eof or member.unused_data:
        sys.exit(f"{name} is not one whole member")
    with open(name.removesuffix(".gz"), "wb") as out:
        out.write(text)
