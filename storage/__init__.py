"""What the bot stores about Discord servers: answers, votes, pins, settings, site imports and channel sources.

Everything is in discord.db, which `database.Database` opens; `analytics` and `stale_answers` query it, `rate_limits`
counts in memory.
"""
