"""The catalogue's second engine: PostgreSQL, with all libraries in one schema, kept apart by row-level security."""
