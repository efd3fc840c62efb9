"""Settings of native libraries, as environment variables that they read when they are loaded.

Import this module before torch. Values that the environment already has are kept.
"""

from __future__ import annotations

import os
from typing import Final

_DEFAULTS: Final = {
    # Idle OpenMP threads soon sleep instead of spinning on cores that others need.
    "GOMP_SPINCOUNT": "10000",
    # oneDNN and torch keep compiled kernels for each shape of input, 1,024 by default: up to a gigabyte, since passages
    # are of all lengths. Making one again takes less time than can be measured (`benchmarks/model_memory.py`).
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "16",
    "LRU_CACHE_CAPACITY": "16",
}

for name, value in _DEFAULTS.items():
    os.environ.setdefault(name, value)
