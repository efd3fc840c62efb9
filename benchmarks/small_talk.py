"""Questions of all sets that would be taken for small talk, so that they get no answer.

    python -m benchmarks.small_talk FOLDER [--show]

Prints a row for each file, and with `--show` the texts. Each different text of a file counts once.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import data
from qa.conversation.small_talk import small_talk_in


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with the question sets")
    parser.add_argument("--show", action="store_true", help="print the texts too")
    options = parser.parse_args()
    print("| set | questions | taken for small talk |\n|---|---|---|")
    for path in sorted((*options.folder.glob("*.qa.jsonl.gz"), *options.folder.glob("*-rewrites.jsonl.gz"))):
        texts = {row[key] for row in data.rows(path) for key in ("question", "rewrite") if row.get(key)}
        found = sorted(text for text in texts if small_talk_in(text))
        print(f"| {path.name.split('.')[0]} | {len(texts)} | {len(found)} |", flush=True)
        if options.show and found:
            print("\n".join(f"  {text}" for text in found))


if __name__ == "__main__":
    main()
