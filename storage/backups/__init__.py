"""Backups of the data folder: one ZIP file with every database and what else is no cache."""
