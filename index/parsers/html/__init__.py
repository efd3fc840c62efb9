"""HTML: the article of a web page, its metadata, and its text as browsers show it.

Other packages enter through `extract.read_page` for a whole page. Parsers of formats that are converted to HTML use
`to_text.rows_of_fragment`.
"""
