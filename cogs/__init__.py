"""The Discord layer: commands, messages and how answers look there."""
