"""Quality and speed, measured. RESULTS.md keeps each table with the command that reproduces it."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as bot.py does, before torch is imported
