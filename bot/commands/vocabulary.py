"""Command words, Chinese and Latin, with or without a slash.

A command is matched on the whole trimmed message, the longest word first; only a command that takes
words (搜X) may be followed by them. So a pasted title that holds 帮助 is no command.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Command", "Said", "understand"]

MAX_COMMAND = 100


class Command(StrEnum):
    """What can be asked for."""

    HELP = "help"
    SEARCH = "search"
    STATS = "stats"
    QUIT = "quit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A command and the words after it."""

    command: Command
    words: str = ""


WHOLE = {
    "帮助": Command.HELP,
    "菜单": Command.HELP,
    "help": Command.HELP,
    "start": Command.HELP,
    "menu": Command.HELP,
    "统计": Command.STATS,
    "stats": Command.STATS,
    "退出": Command.QUIT,
    "quit": Command.QUIT,
    "exit": Command.QUIT,
}
WITH_WORDS = {"搜索": Command.SEARCH, "搜": Command.SEARCH, "找": Command.SEARCH}
"""Words may follow at once (搜雨伞): Chinese is written without blanks."""
WITH_BLANK = {"search": Command.SEARCH}
"""Latin words need a blank before what follows."""


def understand(text: str) -> Said | None:
    """The command that the whole message is, or None."""
    said = text.strip()
    if not said or len(said) > MAX_COMMAND or "\n" in said:
        return None
    slashed = said.startswith("/")
    said = said.removeprefix("/").strip()
    lowered = said.lower()
    if lowered in WHOLE:
        return Said(command=WHOLE[lowered])
    first, _, rest = said.partition(" ")
    # Telegram appends the bot's name to commands in groups: /help@some_bot
    name = first.lower().partition("@")[0] if slashed else first.lower()
    if name in WHOLE and slashed and not rest:
        return Said(command=WHOLE[name])
    if name in WITH_BLANK:
        return Said(command=WITH_BLANK[name], words=rest.strip())
    for word in sorted(WITH_WORDS, key=len, reverse=True):
        if said.startswith(word):
            return Said(command=WITH_WORDS[word], words=said.removeprefix(word).strip(" ：:"))
    return None
