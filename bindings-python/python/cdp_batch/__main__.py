"""``python -m cdp_batch`` is the console script ``cdp-batch``."""

import sys

from cdp_batch._command_line import main

sys.exit(main())
