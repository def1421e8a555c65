"""How long recognition takes, beside a bare `https?://\\S+` scan and linkify-it-py in the same run.

Rounds alternate, and the median of each counts, so a busy machine shifts all of them alike.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from linkify_it import LinkifyIt

from benchmarks.recognition import all_patterns
from bot.convert.recognise import Recogniser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["ADVERSARIAL", "CHAT", "adversarial", "measure"]

ROUNDS = 7
SMALL, LARGE = 1024, 65_536
GOAL = 2.0
"""Cost per byte at 64 KB may be at most this many times that at 1 KB."""

SHARE_TEXTS = Path(__file__).resolve().parent.parent / "tests" / "data" / "share_texts.jsonl"

CHAT = (
    "今天天气不错，晚上一起吃饭吗？",
    "好的，收到！",
    "这个多少钱？",
    "在吗",
    "哈哈哈哈哈😂😂",
    "明天10点开会，记得带资料",
    "我觉得这件衣服还可以，就是颜色有点深，你们怎么看？",
    "谢谢老板，已经下单了",
    "1",
    "快递到了吗？单号 SF1234567890123",
    "ok, see you tomorrow at the station",
    "performance is fine, thanks for checking. I'll call you later.",
)

ADVERSARIAL: Mapping[str, str] = {
    "schemes in a row": "https://",
    "nested links": "https://a.com/?u=",
    "encoded nested links": "https://a.com/?u=https%3A%2F%2Fb.com%2F%3Fu%3D",
    "glued links": "https://item.jd.com/1.html",
    "encoded links": "https%3A%2F%2F",
    "percent signs": "%25",
    "unbalanced closing brackets": "https://a)",
    "opening brackets": "[(",
    "short links and commas": "https://3.cn/a,",
    "app links with raw JSON": 'openapp.jdmobile://virtual?params={"a',
    "hosts without scheme": "item.jd.com/1.html?",
    "ideographic full stops": "https://a。",
    "fences": "￥",
    "fences and codes": "￥abcDEF123456￥",
    "slashes and codes": "/aB3dEfGh1Jk",
    "titles": "「a",
    "entities": "&#0",
    "zero-width marks": "a\u200b",
    "full-width letters": "ａ：",
    "letters": "a",
}
"""What is repeated to make a hostile text."""


def adversarial(unit: str, size: int) -> str:
    """`size` characters of repeated `unit`."""
    return (unit * (size // len(unit) + 1))[:size]


def _seconds(function: Callable[[str], object], texts: Sequence[str], times: int = 1) -> float:
    """For one pass over all texts."""
    start = time.perf_counter()
    for _ in range(times):
        for text in texts:
            function(text)
    return (time.perf_counter() - start) / times


def _row(name: str, value: float, unit: str, against: str, other: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "against": against,
        "ratio": round(value / other, 2),
        "goal": None,
        "ok": True,
    }


def _beside_others(
    name: str, texts: Sequence[str], recogniser: Recogniser, *, unit: str, scale: float, times: int
) -> list[dict[str, Any]]:
    """Ours against each of the others over the same texts; `scale` makes seconds the unit."""
    contestants: dict[str, Callable[[str], object]] = {
        "ours": recogniser.recognise,
        "bare https?://\\S+ scan": re.compile(r"https?://\S+").findall,
        "linkify-it-py": LinkifyIt().match,
    }
    rounds: dict[str, list[float]] = {contestant: [] for contestant in contestants}
    for _ in range(ROUNDS if times > 1 else 1):
        for contestant, function in contestants.items():
            rounds[contestant].append(_seconds(function, texts, times) * scale)
    middle = {contestant: median(values) for contestant, values in rounds.items()}
    ours = middle.pop("ours")
    return [_row(name, ours, unit, other, value) for other, value in middle.items()]


def _growth(recogniser: Recogniser) -> dict[str, tuple[float, float]]:
    """Nanoseconds per byte at 1 KB and at 64 KB, for each kind of hostile text."""
    cost: dict[str, tuple[float, float]] = {}
    for kind, unit in ADVERSARIAL.items():
        small, large = adversarial(unit, SMALL), adversarial(unit, LARGE)
        pairs = [
            (
                _seconds(recogniser.recognise_all, [small], LARGE // SMALL) / SMALL * 1e9,
                _seconds(recogniser.recognise_all, [large]) / LARGE * 1e9,
            )
            for _ in range(ROUNDS)
        ]
        cost[kind] = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    return cost


def measure() -> list[dict[str, Any]]:
    """Rows of name, value, unit, against, ratio, goal and ok."""
    recogniser = Recogniser(all_patterns())
    lines = SHARE_TEXTS.read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    shared = [case["text"] for case in cases if case["expect"]]
    rows = []
    for name, texts, times in (("plain chat", CHAT, 100), ("share texts", shared, 2)):
        rows += _beside_others(
            f"recognise: {name}",
            texts,
            recogniser,
            unit="us/message",
            scale=1e6 / len(texts),
            times=times,
        )
    growth = _growth(recogniser)
    worst = max(growth, key=lambda kind: growth[kind][1] / growth[kind][0])
    small, large = growth[worst]
    row = _row(f"recognise: 64 KB hostile ({worst})", large, "ns/byte", "the same at 1 KB", small)
    rows.append(row | {"goal": GOAL, "ok": row["ratio"] <= GOAL})
    dearest = max(growth, key=lambda kind: growth[kind][1])
    rows += _beside_others(
        f"recognise: 64 KB hostile ({dearest})",
        [adversarial(ADVERSARIAL[dearest], LARGE)],
        recogniser,
        unit="ns/byte",
        scale=1e9 / LARGE,
        times=1,
    )
    return rows
