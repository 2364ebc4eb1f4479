"""The console script ``cdp-batch``: the same program as the one for the command line."""

import signal
import sys

from cdp_batch._native import command_line


def main() -> int:
    """Run the program with this process's arguments, and return its exit code."""
    # Python's own handler would wait for Python code to run. The program ends at Ctrl-C, or handles it itself.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return command_line(["cdp-batch", *sys.argv[1:]])
