"""Quality and speed, measured. RESULTS.md keeps each table with the command that reproduces it."""
