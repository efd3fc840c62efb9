"""Pack groups of sequences into batches, and read batches from any place of any epoch on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Iterator, Sized

    from training.progress import StreamProgress


class SequenceGroup(Protocol):
    """Sequences that a batch never separates; the length of each is in tokens."""

    def __iter__(self) -> Iterator[Sized]:
        """Iterate over the sequences."""
        ...

    def __len__(self) -> int:
        """Return the number of sequences."""
        ...


G = TypeVar("G", bound=SequenceGroup)
B = TypeVar("B")


def pack(groups: Iterable[G], tokens: int, rng: random.Random) -> list[list[G]]:
    """Return the groups as batches of similar length, shuffled, each at most `tokens` long with padding.

    A group longer than `tokens` is a batch of its own.
    """
    packed: list[list[G]] = []
    batch: list[G] = []
    for group in sorted(groups, key=lambda group: max(map(len, group))):
        longest = max(map(len, group))
        if batch and (sum(map(len, batch)) + len(group)) * longest > tokens:
            packed.append(batch)
            batch = []
        batch.append(group)
    packed += [batch] if batch else []
    rng.shuffle(packed)
    return packed


def endless(batches: Callable[[int], Iterable[B]], progress: StreamProgress) -> Iterator[B]:
    """Yield the batches of one epoch after the other, from the place in `progress`, which is kept up to date.

    `batches` returns those of an epoch, given its number.
    """
    done = progress.batch
    while True:
        for number, batch in enumerate(batches(progress.epoch)):
            if number >= done:
                progress.batch = number + 1
                yield batch
        progress.epoch, progress.batch, done = progress.epoch + 1, 0, 0
