"""Metrics for Prometheus and the health of the bot, over HTTP on the bot's own event loop.

`server.monitoring` serves both; `heartbeat` finds out whether the parts answer, and `collector` reads what exists
elsewhere when Prometheus asks.
"""
