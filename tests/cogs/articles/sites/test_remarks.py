"""An import names the pages of which little was kept, and those with pages that cannot be read."""

from __future__ import annotations

import time

from cogs.articles.sites.progress import progress_text
from cogs.articles.sites.site_import import _remark
from i18n import texts
from index.models import Draft
from storage.import_models import ImportStage, ImportTally, SiteImport


def draft(**values: object) -> Draft:
    return Draft("key", "source", "title", "x" * 100, None, (), **values)  # type: ignore[arg-type]


def test_what_may_be_missing_from_a_page_is_remarked() -> None:
    """A page that is whole has no remark."""
    assert _remark(draft(characters=120)) is None
    assert "100" in str(_remark(draft(characters=7900)))
    assert "2, 3" in str(_remark(draft(missing_pages=("2", "3"))))


def test_the_result_of_an_import_lists_the_first_remarks() -> None:
    """They come after the failures, below their number."""
    ended = SiteImport(1, 2, 3, "https://a.example/", None, 9, False, False, time.time(), ImportStage.ENDED)
    told = progress_text(ended, ImportTally({"added": 5}, (), 4, (("https://a.example/1", "kept little"),)))
    assert texts.LOAD_INCOMPLETE.format(count=4) in told
    assert "/1: kept little" in told
