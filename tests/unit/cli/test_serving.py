"""Ports: the next free one unless it was named, and one sentence for each way it can fail."""

from __future__ import annotations

import socket

import pytest

from bot.cli.failure import Failure
from bot.cli.serving import address_of, bind


def taken() -> socket.socket:
    """A port that is in use."""
    return socket.create_server(("127.0.0.1", 0))


def test_a_taken_port_means_the_next_free_one() -> None:
    with taken() as holder:
        port = holder.getsockname()[1]
        with bind("127.0.0.1", port, exactly=False) as listener:
            assert listener.getsockname()[1] > port
            assert address_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_named_port_is_that_port_or_a_sentence() -> None:
    with taken() as holder, pytest.raises(Failure, match=r"port \d+ is taken; name another"):
        bind("127.0.0.1", holder.getsockname()[1], exactly=True)


def test_an_address_that_is_not_ours_is_a_sentence() -> None:
    with pytest.raises(Failure, match=r"cannot listen on 192\.0\.2\.1 port 8080"):
        bind("192.0.2.1", 8080, exactly=False)


def test_every_address_is_reached_on_this_machine() -> None:
    with bind("0.0.0.0", 0, exactly=True) as listener:
        assert address_of(listener).startswith("http://127.0.0.1:")
    with bind("::1", 0, exactly=True) as listener:
        assert address_of(listener).startswith("http://[::1]:")
