"""Infrastructure for all cogs: worker threads, storage, permissions, languages, errors, background jobs.

Features enter through `features.feature` (another cog), `async_store.AsyncStore` (discord.db), `worker.Worker` (models
and libraries), `permissions`, and the base classes in `command_group`, `context_menu` and `background_job`. The client
uses `command_sync` and `translator`.
"""
