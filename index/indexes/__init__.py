"""The two search indexes of a library, dense (FAISS) and lexical (SQLite), as caches of its catalogue.

`open_indexes.OpenIndexes` is the way in: it opens both and brings them up to date with the catalogue.
"""
