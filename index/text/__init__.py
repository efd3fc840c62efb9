"""Plain text: encodings, front matter, blocks, sections, sentences and index terms, as pure functions without I/O.

Other packages enter through `blocks.blocks` and `sentences.sentence_spans` for the structure of a text, and through
`analyzer.index_terms` for its terms.
"""
