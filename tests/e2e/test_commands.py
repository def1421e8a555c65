"""The smaller commands, beside `taoke mock`: they share its processes and its clock."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis

from bot.clock import MockClock
from tests.support.mock_shop import MockShop
from tests.support.process import data_folder, free_port, mock_address, run_taoke, start_taoke

if TYPE_CHECKING:
    from collections.abc import Iterator

JD = "https://item.jd.com/100012043978.html"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder in which the mock platforms run by themselves."""
    with data_folder() as folder, start_taoke(folder, "mock") as program:
        said = program.wait_for("Ctrl-C ends")
        assert said.startswith(f"【演示数据】mock platforms: {mock_address(folder)}\n")
        for platform in ("jd", "pinduoduo", "taobao"):
            assert f"  {platform}: {mock_address(folder)}/" in said
        yield folder
        assert program.stop().code == 0


def test_the_clock_is_shown_and_moves_forward_in_every_process(folder: Path) -> None:
    shop, clock = MockShop(mock_address(folder)), MockClock(folder)
    before = clock.offset()
    moved = run_taoke(folder, "mock", "clock", "--advance", "90m")
    assert (moved.code, moved.err) == (0, "")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(\+.*\)\n", moved.out)
    assert clock.offset() == before + timedelta(minutes=90)
    assert shop.control("clock")["offset_seconds"] == clock.offset().total_seconds()
    wrong = run_taoke(folder, "mock", "clock", "--advance", "20x")
    assert (wrong.code, wrong.out) == (1, "")
    assert "20d, 3h, 90m or 30s" in wrong.sentence()


def test_doctor_names_what_is_mock_and_what_is_missing(folder: Path) -> None:
    shop = MockShop(mock_address(folder))
    well = run_taoke(folder, "doctor")
    assert (well.code, well.err) == (0, "")
    assert "✗" not in well.out
    for name in ("京东（jd）", "淘宝（taobao）", "拼多多（pinduoduo）"):
        assert f"{name}：演示数据（模拟平台）" in well.out
    assert "缺 TAOKE_PLATFORMS__TAOBAO__APP_KEY" in well.out

    shop.control("faults", {"platform": "taobao", "kind": "bad_signature", "count": None})
    try:
        ill = run_taoke(folder, "doctor")
    finally:
        shop.control("faults", method="DELETE")
    assert ill.code == 1
    assert "Traceback" not in ill.out + ill.err
    assert re.search(r"^✗ .*检查失败", ill.out, re.MULTILINE)


def test_doctor_runs_one_whole_conversion_and_writes_no_secret(folder: Path) -> None:
    done = run_taoke(folder, "doctor", "--live", JD)
    assert done.code == 0, done.out + done.err
    (report,) = re.findall(r"报告已写入 (\S+)", done.out)
    assert Path(report).parent == folder
    words = Path(report).read_text(encoding="utf-8")
    assert "promote" in words
    assert "secret" not in words.lower()


def test_a_data_folder_may_have_any_name(folder: Path) -> None:
    done = run_taoke(folder / "数据 é%41", "stats")
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("command", [("doctor",), ("convert", JD), ("stats",)])
def test_a_store_that_is_not_there_is_named(folder: Path, command: tuple[str, ...]) -> None:
    where = f"127.0.0.1:{free_port()}/0"
    done = run_taoke(folder, *command, REDIS__URL=f"redis://:hunter2@{where}")
    assert (done.code, done.out) == (1, "")
    assert done.sentence().startswith(f"taoke: the store at redis://{where} does not answer")
    assert "TAOKE_REDIS__URL" in done.sentence()
    assert "hunter2" not in done.sentence()


def test_doctor_tells_what_a_store_loses(folder: Path, valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as server:
        kept = server.config_get("append*")
        try:
            server.config_set("appendfsync", "no")
            relaxed = run_taoke(folder, "doctor", REDIS__URL=valkey_url, REDIS__PREFIX="doctor")
            server.config_set("appendonly", "no")
            off = run_taoke(folder, "doctor", REDIS__URL=valkey_url, REDIS__PREFIX="doctor")
        finally:
            server.config_set("appendfsync", kept["appendfsync"])
            server.config_set("appendonly", kept["appendonly"])
    assert relaxed.code == 0
    assert "断电可能丢失最近的写入（appendfsync no）" in relaxed.out
    assert off.code == 1
    (line,) = (line for line in off.out.splitlines() if "appendonly no" in line)
    assert line.startswith("✗ ")
    assert "丢掉全部数据" in line
