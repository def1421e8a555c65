"""A free port, and the address under which people reach it."""

from __future__ import annotations

import errno
import socket

from bot.cli.failure import Failure

__all__ = ["address_of", "bind"]

TRIES = 50


def bind(host: str, port: int, *, exactly: bool) -> socket.socket:
    """A listening-ready socket on `port`, or unless `exactly` on the next free one. Failure if not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, port + (1 if exactly else TRIES)):
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, candidate))
            sock.listen(1024)  # now: two that are only bound could share the port
        except OSError as error:
            sock.close()
            if error.errno == errno.EADDRINUSE and not exactly:
                continue
            raise Failure(_why(host, candidate, error)) from error
        sock.setblocking(False)
        return sock
    raise Failure(f"no free port between {port} and {port + TRIES - 1}; name one with --port")


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken; name another with --port or TAOKE_WEB__PORT"
    if error.errno == errno.EACCES:
        return f"port {port} is not allowed for this user; choose one above 1023 (TAOKE_WEB__PORT)"
    return f"cannot listen on {host} port {port}: {error.strerror} (TAOKE_WEB__HOST)"


def address_of(sock: socket.socket) -> str:
    """`http://127.0.0.1:8080`: what a browser on this machine opens."""
    host, port = sock.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
