"""What is wrong with an archive of files, or with a file in it, and what to do."""

from __future__ import annotations

from typing import Final

from index.messages.sentence import Message

ARCHIVE_DAMAGED: Final = Message(
    "archive_damaged", "The file is damaged or not a ZIP or tar archive; pack the articles again."
)
ZIP_DAMAGED: Final = Message("zip_damaged", "The ZIP archive is damaged; pack the articles again.")
ARCHIVE_TOO_LARGE: Final = Message(
    "archive_too_large", "The archive unpacks to far more than it is large, or to over 200 MB; split it."
)
ARCHIVE_TOO_MANY_FILES: Final = Message(
    "archive_too_many_files", "The archive holds more than {limit:,} files; split it."
)
ARCHIVE_TOO_DEEP: Final = Message("archive_too_deep", "Archives are read {depth} deep; unpack this one.")
ARCHIVE_CUT_OFF: Final = Message(
    "archive_cut_off", "The archive is cut off here, so the rest is lost; pack the articles again."
)
ARCHIVE_EMPTY: Final = Message("archive_empty", "The archive holds no files.")
MEMBER_PROTECTED: Final = Message(
    "member_protected", "This file is protected by a password; pack the archive without one."
)
MEMBER_TOO_LARGE: Final = Message(
    "member_too_large", "This file is larger than {limit} MB; split it into several articles."
)
MEMBER_DAMAGED: Final = Message("member_damaged", "This file is damaged in the archive; pack it again.")
