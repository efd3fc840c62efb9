"""The indexes of all libraries on a Milvus server, which several processes share.

Milvus proposes passages; everything that has to be exact is in PostgreSQL, in tables beside the catalogue.
"""
