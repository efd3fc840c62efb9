"""Libraries: adding, reading, checking, exporting and importing articles.

`registry.Libraries` is the way in: it opens a `library.Library` by name. `read_only.ReadOnlyLibraries` reads the same
files on connections of its own; `import_export` turns a library into one file and back.
"""
