"""PDF: characters to pieces of lines, columns, tables and paragraphs."""
