"""What the bot stores about Discord servers: answers, votes, pins, settings, site imports and channel sources.

Everything is in discord.db, which `database.Database` opens with `engine` and `migrations`; `analytics` and
`stale_answers` query it, `question_texts` and `memberships` decide what is deleted and when, `rate_limits` counts in
memory.
"""
