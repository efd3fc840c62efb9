"""From an article's text to passages and their vectors: chunking, embedding, and MinHash sketches of near duplicates.

`batch_embedding` is the way in: it splits a text with `chunker` and embeds it with a model of `embedder`.
`near_duplicates` stands on its own; the catalogue uses it.
"""
