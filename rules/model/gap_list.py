"""Values that could not be assessed, each said once: registrations of one source lack the same ones.

In: rows of ``NotAssessed``. Out: the same rows, in their order, for a fraction of the memory and time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, overload

import msgspec

from rules.model.finding import NotAssessed


class SharedGap(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A ``NotAssessed`` without its registration."""

    rule: str
    pointer: str
    reason: str
    note: str = ""
    remedy: str = ""

    def of(self, registration: str) -> NotAssessed:
        """The row of *registration*."""
        return NotAssessed(
            rule=self.rule,
            registration=registration,
            pointer=self.pointer,
            reason=self.reason,
            note=self.note,
            remedy=self.remedy,
        )


#: What is not assessed of one registration, in the order of the rules.
Block = tuple[SharedGap, ...]


class GapGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Registrations, by their keys, of which the same was not assessed."""

    registrations: tuple[str, ...]
    gaps: Block


class GapList(Sequence[NotAssessed]):
    """A sequence of ``NotAssessed``. ``parts`` has the keys of registrations, each with a block that several share."""

    __slots__ = ("parts",)

    def __init__(self, parts: Iterable[tuple[str, Block]] = ()) -> None:
        self.parts: Final = tuple(parts)

    @classmethod
    def of(cls, *lists: Iterable[NotAssessed]) -> GapList:
        """The rows of *lists*, one after the other."""
        parts: list[tuple[str, Block]] = []
        known: dict[SharedGap, Block] = {}
        for rows in lists:
            if isinstance(rows, GapList):
                parts += rows.parts
                continue
            for row in rows:
                gap = shared(row)
                parts.append((row.registration, known.setdefault(gap, (gap,))))
        return cls(parts)

    @classmethod
    def from_groups(cls, groups: Iterable[GapGroup], order: Iterable[str]) -> GapList:
        """The rows of *groups*, registration by registration in *order*; others come last."""
        blocks = {key: group.gaps for group in groups for key in group.registrations}
        keys = dict.fromkeys((*(key for key in order if key in blocks), *blocks))
        return cls((key, blocks[key]) for key in keys)

    def groups(self) -> tuple[GapGroup, ...]:
        """The registrations with the same gaps together, in the order of the first of each."""
        found: dict[Block, list[str]] = {}
        known: dict[tuple[int, ...], list[str]] = {}  # comparing long blocks for each registration would be slow
        for key, blocks in self.by_registration().items():
            ids = tuple(map(id, blocks))
            if ids not in known:
                known[ids] = found.setdefault(tuple(gap for block in blocks for gap in block), [])
            known[ids].append(key)
        return tuple(GapGroup(registrations=tuple(keys), gaps=block) for block, keys in found.items())

    def by_registration(self) -> dict[str, tuple[Block, ...]]:
        """The blocks of each registration."""
        found: dict[str, tuple[Block, ...]] = {}
        for key, block in self.parts:
            found[key] = (*found[key], block) if key in found else (block,)
        return found

    def checks(self) -> int:
        """How many checks could not be made: a rule on a registration is one, whatever number of values it lacks."""
        alike = Counter(tuple(map(id, blocks)) for blocks in self.by_registration().values())
        blocks = {id(block): block for _, block in self.parts}
        return sum(
            count * len({gap.rule for name in ids for gap in blocks[name]}) for ids, count in alike.items()
        )  # fmt: skip

    def distinct(self) -> Mapping[SharedGap, int]:
        """Each gap once, with how many rows it has."""
        counts = Counter(id(block) for _, block in self.parts)
        found: dict[SharedGap, int] = {}
        for block in {id(block): block for _, block in self.parts}.values():
            for gap in block:
                found[gap] = found.get(gap, 0) + counts[id(block)]
        return found

    def with_registrations(self, name: Callable[[str], str]) -> GapList:
        """The rows with the keys of their registrations as *name* gives them."""
        return GapList((name(key), block) for key, block in self.parts)

    def changed(self, change: Callable[[SharedGap], SharedGap]) -> GapList:
        """The rows with each gap as *change* gives it."""
        known: dict[int, Block] = {}
        for _, block in self.parts:
            if id(block) not in known:
                known[id(block)] = tuple(map(change, block))
        return GapList((key, known[id(block)]) for key, block in self.parts)

    def of_registrations(self, is_wanted: Callable[[str], bool]) -> GapList:
        """The rows of the registrations whose keys are wanted."""
        return GapList(part for part in self.parts if is_wanted(part[0]))

    def __len__(self) -> int:
        return sum(len(block) for _, block in self.parts)

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __iter__(self) -> Iterator[NotAssessed]:
        return (gap.of(key) for key, block in self.parts for gap in block)

    @overload
    def __getitem__(self, index: int) -> NotAssessed: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[NotAssessed]: ...
    def __getitem__(self, index: Any) -> Any:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


def shared(row: NotAssessed) -> SharedGap:
    """*row* without its registration."""
    return SharedGap(rule=row.rule, pointer=row.pointer, reason=row.reason, note=row.note, remedy=row.remedy)
