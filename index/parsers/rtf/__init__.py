"""RTF: tokens to paragraphs to HTML, which `index.parsers.html` then turns into rows of text.

Other packages enter through `rtf_parser.read_rtf`.
"""
