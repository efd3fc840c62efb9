"""Verbatim on Discord. The door is `bot.run_bot`; each package of features has a `setup(bot, services)`."""
