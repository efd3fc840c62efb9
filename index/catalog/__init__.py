"""The catalogue of one library, in SQLite: articles, sources, passages, vectors and the history of changes.

`store.Catalog` is the way in: it reads (`queries`) and writes, each change in one transaction. `article_sources` and
`history` are reached through it. Every index is filled from here.
"""
