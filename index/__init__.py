"""From sources to searchable passages: load, clean, split, embed, store and search articles.

Each subpackage is one layer; `docs/architecture.md` shows them from top to bottom. Other packages enter through
`index.libraries.registry.Libraries`, which opens each `Library`. Nothing here knows Discord, asyncio or the settings.
"""
