"""Infrastructure for all cogs: worker threads, storage, permissions, languages, errors, background jobs."""
