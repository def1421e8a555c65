from __future__ import annotations

import pytest

from bot.links.codes import CODE_LENGTH, is_code, new_code
from bot.redis.alphabet import BASE58
from bot.redis.keys import LINK_PARTITIONS, Keys, digest


@pytest.mark.parametrize("partition", range(LINK_PARTITIONS))
def test_a_code_tells_its_partition(partition: int) -> None:
    codes = {new_code(partition) for _ in range(50)}
    assert len(codes) == 50
    assert all(is_code(code) and len(code) == CODE_LENGTH for code in codes)
    assert {Keys.code_partition(code) for code in codes} == {partition}
    assert len({code[-1] for code in codes}) == 2


def test_every_last_character_belongs_to_a_partition() -> None:
    partitions = [Keys.code_partition("111111" + last) for last in BASE58]
    assert sorted(set(partitions)) == list(range(LINK_PARTITIONS))


def test_owners_reach_all_partitions() -> None:
    owners = {Keys.link_partition(digest("p1", "chat", str(item))) for item in range(1000)}
    assert owners == set(range(LINK_PARTITIONS))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "abcdef0",
        "abcdefO",
        "abcdefI",
        "abcdefl",
        "abcdefgh",
        "抽抽抽抽抽抽抽",
        "abcdef\n",
    ],
)
def test_what_is_no_code(text: str) -> None:
    assert not is_code(text)


def test_the_parts_of_a_digest_do_not_run_together() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("1:a") != digest("", "a")


@pytest.mark.parametrize("prefix", ["a{b", "}"])
def test_a_prefix_is_not_the_hash_tag(prefix: str) -> None:
    with pytest.raises(ValueError, match="braces"):
        Keys(prefix)
