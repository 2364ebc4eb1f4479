"""pack.py MODULE LEVEL THREADS INPUT OUTPUT: gzips a file and prints the MD5 of the result, as a script would."""

import hashlib
import importlib
import shutil
import sys


class Hashed:
    """A file that is hashed as it is written."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.md5 = hashlib.md5()

    def write(self, data):
        self.md5.update(data)
        return self.file.write(data)

    def flush(self):
        self.file.flush()

    def close(self):
        self.file.close()


def main(module, level, threads, source, target):
    options = {"threads": int(threads)} if module.endswith("_threaded") else {}
    out = Hashed(target)
    with open(source, "rb") as records, importlib.import_module(module).open(
        out, "wb", compresslevel=int(level), **options
    ) as packed:
        shutil.copyfileobj(records, packed, 1 << 20)
    out.close()
    print(out.md5.hexdigest())


main(*sys.argv[1:])
