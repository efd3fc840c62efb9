"""Where an index is in the sequence of changes of its catalogue."""

from index.catalog.position import CatalogPosition

__all__ = ["CatalogPosition"]
