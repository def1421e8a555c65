"""The line protocol of `taoke recognise`."""

from __future__ import annotations

import json

from adapters.jd.links import PATTERNS
from bot.convert.recognise import Recogniser
from bot.convert.recognise_lines import recognise_lines

RECOGNISER = Recogniser({"jd": PATTERNS})


def answers(*lines: bytes | str) -> list[dict[str, object]]:
    out = list(recognise_lines(lines, RECOGNISER))
    assert all(line.isascii() and "\n" not in line for line in out)
    return [json.loads(line) for line in out]


def test_a_string_and_an_object_with_text() -> None:
    text = "看🎁https://item.jd.com/12.html，￥aB1cD2eF3gH4iJ￥"
    wanted = {
        "links": [
            {
                "platform": "jd",
                "kind": "item",
                "id": "12",
                "text": "https://item.jd.com/12.html",
                "start": 2,
                "end": 29,
            },
            {
                "platform": "jd",
                "kind": "token",
                "id": "aB1cD2eF3gH4iJ",
                "text": "￥aB1cD2eF3gH4iJ￥",
                "start": 30,
                "end": 46,
            },
        ]
    }
    line = json.dumps(text, ensure_ascii=False)
    assert (
        answers(line, line.encode() + b"\n", json.dumps({"text": text, "more": 1})) == [wanted] * 3
    )


def test_a_short_link_has_no_id() -> None:
    (answer,) = answers('"https://u.jd.com/aBcDeF7"')
    links = answer["links"]
    assert isinstance(links, list)
    assert links[0]["id"] is None


def test_a_line_that_cannot_be_read_has_its_place() -> None:
    deep = b"[" * 100_000
    lines: list[bytes | str] = [b'"a"', b"\xff", b"", b"{", b"7", b'{"text": 7}', deep]
    lines += ['"\\ud800"', b'"b"']
    got = answers(*lines)
    assert [sorted(answer) for answer in got] == [
        ["links"],
        *[["error", "links"]] * 6,
        ["links"],
        ["links"],
    ]
    assert all(answer["links"] == [] for answer in got)
    assert got[1]["error"] == "not UTF-8"
    assert str(got[3]["error"]).startswith("not JSON: ")
    assert got[4]["error"] == "neither a string nor an object with a string in text"
