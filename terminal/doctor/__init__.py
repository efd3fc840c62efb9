"""The command doctor: what may keep the bot from running well, and what to do about it. Imports no models."""
