"""The state of the catalogue whose changes an index has: `CatalogPosition`, defined with the change log."""

from index.catalog.position import CatalogPosition

__all__ = ["CatalogPosition"]
