"""What operators see of the running bot: its log, the ids of requests in it, and its metrics.

Code logs with `logging.getLogger(__name__)`; `bot.py` calls `logs.configure` once. `request_ids` gives each request an
id, and `metrics` defines what is counted. Values that are read when Prometheus asks are in `cogs.monitoring`.
"""
