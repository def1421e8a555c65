"""What holds for every declared pattern."""

from __future__ import annotations

import pytest

from adapters.jd.links import PATTERNS as JD
from adapters.links import LinkKind, LinkMatch, LinkPattern, TokenPattern
from adapters.pinduoduo.links import PATTERNS as PINDUODUO
from adapters.taobao.links import PATTERNS as TAOBAO
from bot.convert.recognise import Recogniser

ALL = {"taobao": TAOBAO, "jd": JD, "pinduoduo": PINDUODUO}
DECLARED = [(platform, pattern) for platform, patterns in ALL.items() for pattern in patterns]
EVERYBODY = Recogniser(ALL)


@pytest.mark.parametrize(("platform", "pattern"), DECLARED, ids=lambda value: str(value)[:60])
def test_every_example_gives_exactly_what_it_promises(
    platform: str, pattern: LinkPattern | TokenPattern
) -> None:
    (match,) = EVERYBODY.recognise_all(pattern.example)
    assert match.platform == platform
    assert match.id == pattern.example_id
    kind = LinkKind.TOKEN if isinstance(pattern, TokenPattern) else pattern.kind
    assert match.kind is kind


@pytest.mark.parametrize(("platform", "pattern"), DECLARED, ids=lambda value: str(value)[:60])
def test_the_example_is_found_by_this_pattern_and_lost_without_it(
    platform: str, pattern: LinkPattern | TokenPattern
) -> None:
    others = [one for one in ALL[platform] if one is not pattern]
    (with_it,) = EVERYBODY.recognise(pattern.example)
    without_it = Recogniser({platform: others}).recognise(pattern.example)
    if isinstance(pattern, LinkPattern) and pattern.opens:
        # the nested link alone would be found, too, where it is complete
        assert [match.groups for match in without_it] in ([], [with_it.groups])
    else:
        assert without_it == []


@pytest.mark.parametrize(("platform", "pattern"), DECLARED, ids=lambda value: str(value)[:60])
def test_names_are_declared_in_lower_case(
    platform: str, pattern: LinkPattern | TokenPattern
) -> None:
    assert platform
    if isinstance(pattern, LinkPattern):
        names = [
            *pattern.hosts,
            *pattern.schemes,
            *pattern.id_params,
            *pattern.keep,
            *pattern.needs,
        ]
        names += [*pattern.needs_any, *pattern.reads, *pattern.opens, *pattern.id_links]
        assert [name for name in names if name != name.lower()] == []


def test_a_match_knows_its_id_and_link() -> None:
    match = LinkMatch(platform="x", kind=LinkKind.SHORT, text="t", start=0, end=1)
    assert (match.id, match.url) == (None, None)
