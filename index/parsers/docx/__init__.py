"""Word files (.docx, ECMA-376 part 1, 17): the document's XML to blocks, which become rows by way of HTML.

Other packages enter through `docx_parser.read_docx`.
"""
