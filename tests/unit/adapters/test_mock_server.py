"""The mock process: where it listens, what it finds, what survives it."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import aiohttp
import pytest

from adapters.mock.__main__ import main
from adapters.mock.contract import MockPlatform
from adapters.mock.server import WORLD_FILE, find_mocks, start_mock_server
from tests.unit.adapters.mock_tiny import Moment, Tiny, running, world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def installed(folder: Path, name: str, value: str, source: str = "") -> None:
    """A package with one entry point, as pip would have laid it out."""
    (folder / f"{name}.py").write_text(source)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[taoke.mocks]\n{name} = {value}\n")


def test_the_three_platforms_are_found() -> None:
    mocks = {mock.id: mock for mock in find_mocks()}
    assert {"taobao", "jd", "pinduoduo"} <= set(mocks)
    assert all(issubclass(mock, MockPlatform) for mock in mocks.values())


def test_an_installed_package_brings_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "from tests.unit.adapters.mock_tiny import Tiny as MOCK\n"
    installed(tmp_path, "mock_of_theirs", "mock_of_theirs:MOCK", source)
    monkeypatch.syspath_prepend(tmp_path)
    assert Tiny in find_mocks()


def test_an_entry_point_that_is_no_mock_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, "mock_that_is_none", "mock_that_is_none:MOCK", "MOCK = 5\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(TypeError, match="mock_that_is_none:MOCK is no MockPlatform"):
        find_mocks()


def test_two_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "from tests.unit.adapters.mock_tiny import Tiny\nclass MOCK(Tiny):\n    id = 'jd'\n"
    installed(tmp_path, "mock_twin", "mock_twin:MOCK", source)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="called jd"):
        find_mocks()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "mock.example", "::"])
async def test_it_serves_this_machine_only(host: str) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        await start_mock_server(None, host=host, platforms=[])


async def test_a_taken_port_is_an_error() -> None:
    first = await start_mock_server(None, platforms=[])
    port = int(first.base_url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        await start_mock_server(None, port=port, platforms=[])
    await first.close()
    await first.close()


async def test_a_platform_that_fails_to_start_frees_the_port() -> None:
    class Broken(Tiny):
        def routes(self) -> list[object]:  # type: ignore[override] # broken on purpose
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await start_mock_server(None, platforms=[Broken])


async def test_ipv6_loopback() -> None:
    server = await start_mock_server(None, host="::1", platforms=[Tiny])
    assert server.base_url.startswith("http://[::1]:")
    async with (
        aiohttp.ClientSession() as session,
        session.get(server.base_url + "/_shop/tiny/7") as response,
    ):
        assert response.status == 200
    await server.close()


async def test_unknown_hosts_get_a_clear_page() -> None:
    client = await running()
    for method in ("GET", "POST"):
        status, page = await client.text(method, "/item.nowhere.example/<b>?id=1")
        assert status == 404
        assert "【演示数据】" in page
        assert "这里模拟的平台：tiny" in page
        assert "<b>" not in page
    await client.close()


async def test_links_and_orders_survive_a_restart(tmp_path: Path) -> None:
    client = await running(tmp_path)
    url = await client.promotion_link(sub_id="AbCdEf1")
    order = await client.buy(url)
    await client.json("POST", "/_control/clock", json={"advance": "1d"})
    await client.close()
    client = await running(tmp_path)
    assert (await client.json("GET", "/_control/orders"))[1] == {"orders": [order]}
    path = url.split("/", 3)[3]
    again = await client.buy(f"{client.base_url}/{path}")
    assert again["attribution"] == order["attribution"]
    assert (await client.json("GET", "/_control/clock"))[1]["offset_seconds"] == 86_400
    await client.close()


async def test_links_reach_the_file_soon_without_a_stop(tmp_path: Path) -> None:
    client = await running(tmp_path)
    token = (await client.promotion_link()).rsplit("/", 1)[1]
    with closing(world(Moment(), tmp_path / WORLD_FILE)) as other:
        await until(lambda: other.link("tiny", token))
    await client.close()


async def until(found: Callable[[], object]) -> None:
    for _ in range(500):
        if found():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


async def test_links_wait_while_the_file_is_locked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = await running(tmp_path)
    with closing(sqlite3.connect(tmp_path / WORLD_FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        url = await client.promotion_link()
        await until(lambda: "mock links wait in memory" in caplog.text)
        other.execute("COMMIT")
        await until(lambda: other.execute("SELECT count(*) FROM links").fetchone() == (1,))
    assert (await client.json("GET", "/_control/whose", params={"url": url}))[0] == 200
    await client.close()


async def start_process(*arguments: str) -> tuple[asyncio.subprocess.Process, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "adapters.mock", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    assert list(ready) == ["base_url"]
    return process, ready["base_url"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_says_where_it_is_and_stops_cleanly(
    tmp_path: Path, number: signal.Signals
) -> None:
    process, base_url = await start_process("--data-dir", str(tmp_path))
    async with (
        aiohttp.ClientSession() as session,
        session.get(base_url + "/_control/orders") as response,
    ):
        assert await response.json() == {"orders": []}
    process.send_signal(number)
    rest, _ = await process.communicate()
    assert (process.returncode, rest) == (0, b"")
    assert (tmp_path / WORLD_FILE).exists()


async def test_an_order_survives_a_kill(tmp_path: Path) -> None:
    process, base_url = await start_process("--data-dir", str(tmp_path))
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            base_url + "/_control/buy", json={"url": f"{base_url}/_shop/jd/7"}
        ) as response,
    ):
        order = await response.json()
    process.kill()
    await process.communicate()
    with closing(world(path=tmp_path / WORLD_FILE)) as here:
        assert [kept.order_id for kept in here.all_orders()] == [order["order_id"]]


def test_a_port_that_cannot_be_used_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["--port", str(taken.getsockname()[1])]) == 1
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)


def test_a_folder_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / WORLD_FILE).mkdir()
    assert main(["--data-dir", str(tmp_path)]) == 1
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("port", ["99999", "-1", "x"])
def test_a_port_that_is_none_is_wrong_usage(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--port", port])
    assert stopped.value.code == 2
    assert "--port" in capsys.readouterr().err
