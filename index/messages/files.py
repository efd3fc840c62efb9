"""What is wrong with a file or text, and what to do."""

from __future__ import annotations

from typing import Final

from index.messages.sentence import Message

# Encodings
ENCODING_DAMAGED: Final = Message(
    "encoding_damaged", "The file says that it is {encoding} but is damaged; save it as UTF-8."
)
ENCODING_UNCERTAIN: Final = Message(
    "encoding_uncertain", "The file's character encoding cannot be told for certain; save it as UTF-8."
)
NOT_TEXT: Final = Message("not_text", "The file is not a text file.")
NUL_CHARACTERS: Final = Message(
    "nul_characters", "The file contains NUL characters, so it is not a text file; save it as text (UTF-8)."
)
LONE_SURROGATES: Final = Message(
    "lone_surrogates", "The file contains halves of characters (lone surrogates); save it as text (UTF-8)."
)

# Texts
NO_TEXT: Final = Message("no_text", "The file has no text that could be quoted.")
NOTHING_QUOTABLE: Final = Message("nothing_quotable", "It has no text that could be quoted.")
SUBTITLES_WITHOUT_TIMES: Final = Message(
    "subtitles_without_times",
    "The file has no text with times, so it is not an SRT or WebVTT file; add it as a .txt file.",
)

# Tables of questions
TABLE_DAMAGED: Final = Message(
    "table_damaged", "The file is damaged or not in {format} format ({reason}); correct it and add it again."
)
NO_QUESTIONS: Final = Message(
    "no_questions",
    "This {format} file has no questions with answers; name two of its columns or fields "
    '"question" and "answer", or add its text as a .txt file.',
)
TOO_MANY_VALUES: Final = Message(
    "too_many_values", "The file has more than {limit:,} values; split it into several files."
)

# Web pages
PAGE_EMPTY: Final = Message("page_empty", "The page is empty.")
PAGE_WITHOUT_TEXT: Final = Message(
    "page_without_text",
    "The page has no text that could be quoted; if scripts create it, save the page in a browser and add that file.",
)
PARAGRAPH_TOO_LARGE: Final = Message(
    "paragraph_too_large",
    "The page has a paragraph of more than 9 MB; divide it, or save its text as a file and add that.",
)
PAGE_TOO_DEEP: Final = Message(
    "page_too_deep", "The page nests its elements too deeply to be read; save its text as a file and add that."
)

# File types
TYPE_UNKNOWN: Final = Message("type_unknown", "Files of this type cannot be read; known are {types}.")
OLD_OFFICE: Final = Message(
    "old_office",
    "This is a file of an old Office version, or one that is protected by a password; "
    "open it and save it again as .docx, .xlsx, .pptx or .odt, without a password.",
)
FILE_DAMAGED: Final = Message(
    "file_damaged", "The file is damaged or not a valid {what} ({reason}); open it and save it again."
)
FILE_OF_KIND: Final = Message("file_of_kind", "{kind} file")
WORD_FILE: Final = Message("word_file", "Word file (.docx)")
POWERPOINT_FILE: Final = Message("powerpoint_file", "PowerPoint file (.pptx)")
EXCEL_FILE: Final = Message("excel_file", "Excel file (.xlsx)")
OPENDOCUMENT_TEXT: Final = Message("opendocument_text", "OpenDocument text (.odt)")
OPENDOCUMENT_PRESENTATION: Final = Message("opendocument_presentation", "OpenDocument presentation (.odp)")
OPENDOCUMENT_SPREADSHEET: Final = Message("opendocument_spreadsheet", "OpenDocument spreadsheet (.ods)")
E_BOOK: Final = Message("e_book", "e-book (.epub)")
RTF_FILE: Final = Message("rtf_file", "RTF file")
PDF_FILE: Final = Message("pdf_file", "PDF")
ARCHIVE_FILE: Final = Message("archive_file", "ZIP or tar archive")

# Office files and e-books
PACKAGE_TOO_LARGE: Final = Message(
    "package_too_large", "The {what} unpacks to more than 300 MB; split it into several files."
)
PACKAGE_DAMAGED: Final = Message(
    "package_damaged",
    "The file is damaged, protected by a password, or not a valid {what}; open it, save it again and add that.",
)
PACKAGE_PROTECTED: Final = Message(
    "package_protected", "The {what} is protected by a password; save a copy without one and add that."
)
SLIDES_ARE_PICTURES: Final = Message(
    "slides_are_pictures", "The slides are pictures or charts, whose text cannot be read; add it as text."
)
SHEETS_ARE_PICTURES: Final = Message(
    "sheets_are_pictures", "The sheets are pictures or charts, whose text cannot be read; add it as text."
)
E_BOOK_LOCKED: Final = Message(
    "e_book_locked", "The e-book is locked against copying (DRM), so it cannot be read; add a copy without the lock."
)
RTF_DAMAGED: Final = Message(
    "rtf_damaged", "The file is damaged or not an RTF file; open it, save it again and add that."
)
RTF_TOO_DEEP: Final = Message(
    "rtf_too_deep", "The RTF file nests its groups too deeply to be read; save it again and add that."
)

# PDF
PDF_PROTECTED: Final = Message(
    "pdf_protected", "The PDF is protected by a password; save a copy without one and add that."
)
PDF_DAMAGED: Final = Message(
    "pdf_damaged", "The file is damaged or not a PDF; open it, print it to a new PDF and add that."
)
PDF_UNREADABLE: Final = Message(
    "pdf_unreadable", "No page of the PDF can be read; open it, print it to a new PDF and add that."
)
PDF_SCANNED: Final = Message(
    "pdf_scanned",
    "The PDF has pictures of its pages but no text, as scanners produce them; "
    "run text recognition (OCR) on it and add the result.",
)

# The process that reads files
READING_TOO_SLOW: Final = Message(
    "reading_too_slow", "Reading the file took longer than {seconds:.0f} seconds; split it, or add its text."
)
READING_TOO_LARGE: Final = Message(
    "reading_too_large",
    "Reading the file takes too much memory; split it, or save its text as a .txt file.",
)
PARSER_CRASHED: Final = Message(
    "parser_crashed", "The file crashes its parser; open it and save it again, or add its text as a .txt file."
)
PARSER_MISSING: Final = Message(
    "parser_missing", "The process that reads files does not start; install Verbatim again."
)
