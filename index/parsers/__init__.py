"""File formats: bytes to a `document.Document`, and from there to a draft.

Other packages enter through `sandbox.Sandbox`, which runs the parsers in a separate process with limits of time and
memory, without network and files. `file_types.detect_kind` tells which parser a file needs.
"""
