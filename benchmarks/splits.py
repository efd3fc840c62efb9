"""The split of each article: to train the reader, to fit the calibration, or only to report. Decided by title.

A Wikipedia article that is in several data sets is in the same split in all of them. Articles of the community set are
split by repository.
"""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["train", "calibration", "report"]

# The 16 articles of SQuAD 2.0 are too few to leave to a hash.
_SQUAD2: dict[str, Split] = {
    "european union law": "report",
    "islamism": "report",
    "yuan dynasty": "report",
    "computational complexity theory": "report",
    "french and indian war": "report",
    "imperialism": "calibration",
    "scottish parliament": "train",
    "harvard university": "train",
    "warsaw": "calibration",
    "packet switching": "train",
    "steam engine": "train",
    "huguenot": "train",
    "immune system": "train",
    "force": "train",
    "1973 oil crisis": "train",
    "normans": "train",
}
# Articles in both `squad-train` and `afriqa-en`: the shares of `squad-train` apply.
_SHARED = frozenset(
    (
        "crucifixion of jesus, alexander graham bell, american idol, antarctica, appalachian mountains, arnold "
        "schwarzenegger, association football, bacteria, bern, botany, central african republic, central intelligence "
        "agency, computer, egypt, elizabeth ii, fc barcelona, george vi, greece, gregorian calendar, guinea-bissau, "
        "iran, jehovah's witnesses, john kerry, liberia, london, mali, mexico city, montevideo, muammar gaddafi, "
        "namibia, new delhi, nigeria, paris, phonology, political party, portugal, premier league, queen victoria, "
        "quran, republic of the congo, sahara, saint helena, southeast asia, tajikistan, university, virgil, wood, "
        "youtube"
    ).split(", ")
)  # fmt: skip
_SHARES = {"squad-train": (0.035, 0.035), "afriqa-en": (0.08, 0.2)}  # share of articles for calibration, for reporting


def split_of(dataset: str, title: str) -> Split:
    """Return the split of an article of a set. Sets without training data are all `report`."""
    name = " ".join(title.casefold().replace("_", " ").split())
    if name in _SQUAD2:
        return _SQUAD2[name]
    if dataset not in _SHARES:
        return "report"
    calibration, report = _SHARES["squad-train" if name in _SHARED else dataset]
    place = _place(name)
    if place < report:
        return "report"
    return "calibration" if 0.5 <= place < 0.5 + calibration else "train"


def repository_split_of(repository: str) -> Split:
    """Return the split of a repository, `owner/name` or `debian:package`, of the community set."""
    place = _place(repository.casefold())
    return "report" if place < 0.3 else "calibration" if place >= 0.8 else "train"


def is_mined_for_calibration(source: str) -> bool:
    """Whether headings mined from a package or repository fit the calibration, and so train no model; one in eight."""
    return hashlib.blake2b(source.encode(), digest_size=1).digest()[0] % 8 == 0


def _place(name: str) -> float:
    """Return a number in [0, 1) that only depends on a name."""
    digest = hashlib.blake2b(f"verbatim:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
