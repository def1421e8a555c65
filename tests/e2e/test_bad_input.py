"""Whatever is typed, piped or posted: a clear answer or silence, never a stack trace."""

from __future__ import annotations

import html
import json
import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.support.mock_shop import ask, say
from tests.support.process import data_folder, free_port, run_taoke, start_taoke

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.process import Done, Program

JD = "https://item.jd.com/100012043978.html"
LIMIT = 30
MANY = 500
DECOYS = (
    "https://item.jd.com.evil.example/100012043978.html",
    "https://item.taobao.com@evil.example/item.htm?id=718293645012",
    "订单号 2345678901234567890，快递 SF1234567890123",
    "今晚8点￥99.00￥抢购，原价￥199￥",
    "https://shop12345.taobao.com/ 和 https://mall.jd.com/index-1000.html",
    "javascript:alert(1) file:///etc/passwd http://169.254.169.254/",
    "https://127.0.0.1/s/AAAAAAA ../../etc/passwd %00%0d%0aSet-Cookie:x=1",
)
UNKNOWN = "没有认出商品链接"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Program]:
    with start_taoke(folder, "demo", "--port", str(free_port())) as program:
        program.wait_for("退出 结束")
        yield program
        program.end_input()
        done = program.finish()
    assert (done.code, done.err) == (0, "")
    calm(done.out)


def calm(words: str) -> str:
    """Words for people."""
    for trace in ("Traceback", "Error", 'File "', "Exception"):
        assert trace not in words
    return words


def page_of(demo: Program) -> str:
    found = re.search(r"(http://127\.0\.0\.1:\d+/)$", demo.out, re.MULTILINE)
    assert found is not None
    return found[1]


def answers(demo: Program, message: bytes) -> str:
    """What is printed for a message, up to the end of the answer to a 统计 behind it."""
    before = len(demo.out)
    seen = demo.out.count("合计")
    demo.send(message.replace(b"\n", b" ") + f"\n{JD}\n统计\n".encode())
    demo.wait_for("合计", times=seen + 1)
    return calm(demo.out[before:])


@pytest.mark.parametrize(
    "noise",
    [
        bytes(range(256)) * 40,
        b"\x00\xff\xfe" + "￥".encode("utf-16") * 50,
        b"\xf0\x9f\x91 https://item.jd.com/\xff\xfe.html \xe4\xbd",
        b"[" * 20_000 + b"{" * 20_000,
        b"https://" * 20_000,
        "￥".encode() * 20_000,
        ("a" * 1_100_000).encode(),
    ],
    ids=["bytes", "utf16", "torn", "brackets", "schemes", "fences", "1MB"],
)
def test_noise_gets_an_answer_and_the_next_message_its_card(demo: Program, noise: bytes) -> None:
    words = answers(demo, noise)
    assert UNKNOWN in words or "这段文字太长（超过 1000000 字），请分几次发" in words
    assert "券后" in words or "售价" in words


def test_blank_lines_are_silence(demo: Program) -> None:
    words = answers(demo, "\t  \u3000 ".encode() + b"\n \r\n")
    assert UNKNOWN not in words
    assert words.startswith("【演示数据】\n【京东】")


@pytest.mark.parametrize("decoy", DECOYS)
def test_a_decoy_is_not_recognised_and_nothing_is_fetched(demo: Program, decoy: str) -> None:
    words = answers(demo, decoy.encode())
    assert words.startswith(UNKNOWN)
    assert words.count("/s/") == 1  # of the real link behind it


def test_of_too_many_links_the_first_are_converted_and_the_rest_untouched(
    demo: Program, folder: Path
) -> None:
    urls = [f"https://item.jd.com/{100012040000 + number}.html" for number in range(MANY)]
    text = "，".join(urls)
    words = answers(demo, text.encode())
    left = MANY - LIMIT
    assert f"后面 {left} 个未动（一次最多 {LIMIT} 个）" in words
    rewritten = words.splitlines()[1].split("，")
    assert rewritten[LIMIT:] == urls[LIMIT:]
    ours = [part for part in rewritten[:LIMIT] if "/s/" in part]
    assert len(ours) == len(set(ours)) >= LIMIT - 5  # some items are in no programme


def test_the_page_takes_noise_as_well(demo: Program) -> None:
    page = page_of(demo)
    for text in ("", "   ", "\x00\ud83d", "￥" * 5000, *DECOYS):
        calm(say(page, text))
    post = {"Content-Type": "application/json"}
    for body, status in (
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"[" * 50_000, 400),
        (b'{"text": 1}', 400),
        (json.dumps({"text": "长" * 200_000}).encode(), 413),
    ):
        answer = ask(f"{page}demo/messages", "POST", body=body, headers=post)
        assert answer.status == status
        calm(html.unescape(answer.text))
    assert "【京东】" in say(page, JD)


def convert(folder: Path, *arguments: str, stdin: bytes = b"") -> Done:
    done = run_taoke(folder, "convert", *arguments, stdin=stdin)
    calm(done.out + done.err)
    return done


def test_convert_takes_anything(demo: Program, folder: Path) -> None:
    assert demo.running  # its store and mock platforms are shared
    empty = convert(folder, "--json", "-")
    assert (empty.code, json.loads(empty.out)["links"]) == (0, [])
    large = convert(folder, "-", stdin=os.urandom(2_000_000))  # as many characters, about
    assert (large.code, large.out) == (1, "")
    assert "这段文字太长" in large.sentence()
    torn = convert(folder, "-", stdin=b"\xff\xfe " + JD.encode() + b" \xe4\xbd")
    assert torn.code == 0
    assert "【京东】" in torn.out


def test_recognise_answers_each_line_in_its_place(folder: Path) -> None:
    lines = [json.dumps(JD).encode(), b"\xff\xfe", b"{", b"[1]", json.dumps(DECOYS[0]).encode()]
    done = run_taoke(folder, "recognise", stdin=b"\n".join(lines) + b"\n")
    assert done.code == 1
    assert done.err == ""
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [len(one["links"]) for one in found] == [1, 0, 0, 0, 0]
    assert ["error" in one for one in found] == [False, True, True, True, False]


def test_a_wrong_setting_is_one_line_that_names_it(folder: Path) -> None:
    done = run_taoke(folder, "demo", "--once", JD, PLATFORMS__JD__MODE="maybe")
    assert (done.code, done.out) == (1, "")
    assert "TAOKE_PLATFORMS__JD__MODE" in done.sentence()
