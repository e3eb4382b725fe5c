"""What holds for all tests."""

from __future__ import annotations

import signal

from hypothesis import settings

# A shell starts what it runs in the background with Ctrl-C ignored, and the commands that tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine may take its own time for an example; what must be fast is measured in tests/bench.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
