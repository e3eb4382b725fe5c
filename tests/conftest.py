"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# A busy machine may take its own time for an example; what must be fast is measured in tests/bench.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
