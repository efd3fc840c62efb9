"""Takes a catalogue back to what an earlier version wrote."""

WITH_VECTORS_IN_PASSAGES = """
ALTER TABLE passages ADD COLUMN vector BLOB;
UPDATE passages SET vector = (SELECT vector FROM vectors WHERE passage_id = passages.id);
DROP TABLE vectors;
INSERT INTO meta SELECT 'generation', max(generation) FROM changes;
DROP TABLE changes;
DROP INDEX ix_sources_shown; DROP INDEX ix_events_at; DROP INDEX ix_events_by; DROP INDEX ix_failures_origin;
"""
"""Before there were a table of vectors and a log of changes: schema 7."""
