"""Quality and speed, measured. RESULTS.md keeps each table with the command that reproduces it."""

import os

os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # as bot.py does, before torch is imported
