"""From article to passages: load, clean, split, embed, store, search. Knows nothing of Discord or asyncio."""
