"""Copies of libraries and of the bot's memory between databases of any kind, row by row."""
