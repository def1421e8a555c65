"""The console keeps what every channel promises."""

from __future__ import annotations

import io

import pytest

from bot.channels.console import ConsoleChannel
from bot.channels.contract import Target
from bot.clock import SystemClock
from bot.texts import texts
from tests.contract.channel_contract import ChannelContract, Chat


class ConsoleChat(Chat):
    def __init__(self) -> None:
        self._output = io.StringIO()
        self.channel: ConsoleChannel = ConsoleChannel(
            clock=SystemClock(), texts=texts("zh_CN"), output=self._output
        )
        self.target = Target(chat_id="console")

    async def say(self, *texts: str) -> None:
        await self.channel.run(texts)

    def seen(self) -> str:
        return self._output.getvalue()


class TestConsole(ChannelContract):
    @pytest.fixture
    def chat(self) -> Chat:
        return ConsoleChat()
