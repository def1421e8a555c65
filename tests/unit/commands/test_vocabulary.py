"""Commands are whole messages, Chinese or Latin; a title that holds a command word is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.vocabulary import Command, Said, understand


@pytest.mark.parametrize(
    ("text", "command", "words"),
    [
        ("帮助", Command.HELP, ""),
        (" /help ", Command.HELP, ""),
        ("/start", Command.HELP, ""),
        ("HELP", Command.HELP, ""),
        ("/help@taoke_bot", Command.HELP, ""),
        ("统计", Command.STATS, ""),
        ("/stats", Command.STATS, ""),
        ("/统计", Command.STATS, ""),
        ("退出", Command.QUIT, ""),
        ("搜雨伞", Command.SEARCH, "雨伞"),
        ("搜 雨伞", Command.SEARCH, "雨伞"),
        ("搜索：雨伞 大", Command.SEARCH, "雨伞 大"),
        ("找纸巾", Command.SEARCH, "纸巾"),
        ("/search 雨伞", Command.SEARCH, "雨伞"),
        ("search", Command.SEARCH, ""),
        ("搜", Command.SEARCH, ""),
    ],
)
def test_words_people_use(text: str, command: Command, words: str) -> None:
    assert understand(text) == Said(command=command, words=words)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "需要帮助的话请联系客服",
        "helpful",
        "statsy",
        "searching",
        "帮助\n第二行",
        "搜" + "长" * 200,
        "/",
        "你好",
    ],
)
def test_everything_else_is_no_command(text: str) -> None:
    assert understand(text) is None


@given(st.text(max_size=200))
def test_never_raises(text: str) -> None:
    understand(text)
