"""How well links are recognised in a corpus of share texts: precision, recall, decoys.

    python benchmarks/recognition.py --corpus FILE [--misses FILE]

A line of the corpus is `{"text": ..., "expect": [{"platform", "kind", "id"}, ...]}`. An entry counts
as found if platform, kind and id agree, in the order of the text; entries of platforms for which
there is no adapter are left out. A decoy is a case without any entry. Exit 1 below 99 % of either,
or if any decoy matched.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from adapters import registry
from bot.convert.recognise import Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Entry", "Score", "all_patterns", "main", "score"]

GOAL = 0.99


class Entry(NamedTuple):
    """What a corpus says of one link."""

    platform: str
    kind: str
    id: str | None


class Case(NamedTuple):
    """One text with the entries that are ours to find."""

    text: str
    expect: list[Entry]
    decoy: bool


@dataclass(slots=True)
class Score:
    """Counts, and a line for every entry that was missed or invented."""

    expected: int = 0
    found: int = 0
    right: int = 0
    decoys: int = 0
    decoys_matched: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Right ones among the found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Right ones among the expected."""
        return self.right / self.expected if self.expected else 1.0

    @property
    def ok(self) -> bool:
        """Whether the goal is reached."""
        return min(self.precision, self.recall) >= GOAL and not self.decoys_matched


def all_patterns() -> dict[str, Any]:
    """The declarations of every adapter there is."""
    return {name: registry.load(name).info.patterns for name in sorted(registry.find_adapters())}


def read_corpus(lines: Iterable[str], platforms: Iterable[str]) -> list[Case]:
    """The cases of a corpus; entries of other platforms are left out."""
    known = frozenset(platforms)
    cases = []
    for line in lines:
        if line.strip():
            raw = json.loads(line)
            all_ = [Entry(one["platform"], one["kind"], one["id"]) for one in raw["expect"]]
            ours = [entry for entry in all_ if entry.platform in known]
            cases.append(Case(raw["text"], ours, not ours))
    return cases


def score(cases: Sequence[Case], recogniser: Recogniser) -> Score:
    """Recognise every case and compare in order."""
    total = Score()
    for case in cases:
        got = [
            Entry(match.platform, match.kind.value, match.id)
            for match in recogniser.recognise(case.text)
        ]
        total.expected += len(case.expect)
        total.found += len(got)
        total.decoys += case.decoy
        total.decoys_matched += case.decoy and bool(got)
        for tag, i, j, k, m in SequenceMatcher(None, case.expect, got, False).get_opcodes():
            if tag == "equal":
                total.right += j - i
                continue
            total.misses += [
                f"missed {_show(entry)} in {case.text!r}" for entry in case.expect[i:j]
            ]
            total.misses += [f"invented {_show(entry)} in {case.text!r}" for entry in got[k:m]]
    return total


def _show(entry: Entry) -> str:
    return f"{entry.platform} {entry.kind} {entry.id or '-'}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 0 if the goal is reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--corpus", type=Path, required=True, help="JSON lines: text and expect")
    parser.add_argument("--misses", type=Path, help="write what was missed or invented here")
    given = parser.parse_args(arguments)
    patterns = all_patterns()
    with given.corpus.open(encoding="utf-8") as lines:
        cases = read_corpus(lines, patterns)
    total = score(cases, Recogniser(patterns))
    print(f"cases      {len(cases)}, of which decoys {total.decoys}")
    print(f"precision  {total.precision:.2%}  ({total.right} of {total.found} found)")
    print(f"recall     {total.recall:.2%}  ({total.right} of {total.expected} expected)")
    print(f"decoys     {total.decoys_matched} matched")
    for miss in total.misses:
        print(miss)
    if given.misses is not None:
        given.misses.write_text("".join(f"{miss}\n" for miss in total.misses), encoding="utf-8")
    return 0 if total.ok else 1


if __name__ == "__main__":
    sys.exit(main())
