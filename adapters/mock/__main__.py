"""`python -m adapters.mock --port 8081 --data-dir var`: the mock platforms until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sqlite3
import sys
from pathlib import Path

from adapters.mock.server import start_mock_server

__all__ = ["main"]


async def _serve(port: int, data_dir: Path | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await start_mock_server(data_dir, port=port)
    # One line and no more: whoever started us reads it.
    sys.stdout.write(json.dumps({"base_url": server.base_url}) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await server.close()


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise ValueError("a port is 0 to 65535")
    return port


def main(arguments: list[str] | None = None) -> int:
    """0 after a signal, 1 if the port or the folder cannot be used, 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m adapters.mock", description=__doc__)
    parser.add_argument("--port", type=_port, default=0, help="0 (default): a free one")
    parser.add_argument("--data-dir", type=Path, help="unset: everything in memory")
    chosen = parser.parse_args(arguments)
    try:
        asyncio.run(_serve(chosen.port, chosen.data_dir))
    except (OSError, sqlite3.Error) as error:
        sys.stderr.write(f"mock platforms: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
