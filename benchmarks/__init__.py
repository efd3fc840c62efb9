"""Benchmarks of quality and speed, one module each: `python -m benchmarks.NAME`.

README.md names the data sets; RESULTS.md has each table with the command that reproduces it.
"""

import os

os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # as in bot.py; must be set before torch is imported
