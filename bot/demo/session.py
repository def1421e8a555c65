"""One process with everything: store, mocks, web page, console. Also what `taoke run` serves with.

Order of closing: the console ends, the server takes no more connections, the last uses and clicks
are stored, the store is left to its guardian.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from bot.app import open_app
from bot.channels.console import ConsoleChannel
from bot.demo.mocks import MockPlatforms
from bot.demo.served import serving_at
from bot.texts import texts
from bot.web.app import make_app, serve_on
from bot.web.ports import DemoChat

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from bot.app import App
    from bot.links.models import ShortLink
    from bot.settings import Settings
    from bot.web.app import WebServer

__all__ = ["demo", "samples_of", "serving"]

SAMPLES = 6
CONSOLE = "console"


def samples_of(app: App) -> list[str]:
    """Share texts to try, the platforms in turn."""
    columns = [platform.adapter.info.samples for platform in app.platforms.values()]
    longest = max((len(column) for column in columns), default=0)
    mixed = [column[row] for row in range(longest) for column in columns if row < len(column)]
    return mixed[:SAMPLES]


@asynccontextmanager
async def serving(
    settings: Settings,
    listener: socket.socket,
    base_url: str | None,
    *,
    chat: bool,
    tell: Callable[[str], None] | None = None,
) -> AsyncIterator[tuple[App, WebServer]]:
    """The application with its web server and jobs; `chat` puts the demo's chat on `/`."""
    async with open_app(
        settings,
        MockPlatforms(),
        base_url=base_url,
        operator=lambda message: message.channel == CONSOLE,
        tell=tell,
    ) as app:
        demo_chat = (
            DemoChat(handle=app.responder.answer, samples=samples_of(app), account=settings.account)
            if chat
            else None
        )
        server = await serve_on(make_app(app.web_services(demo_chat)), listener)
        keeping = asyncio.create_task(app.keeper.run(), name="link-keeper")
        try:
            with serving_at(settings.data_dir, base_url or server.url.rstrip("/")):
                yield app, server
        finally:
            # The server first: its last visits are uses that the keeper still writes.
            await server.close()
            await app.keeper.stop()
            await asyncio.wait({keeping})


async def demo(
    settings: Settings,
    listener: socket.socket,
    local_url: str,
    given: Sequence[str],
    *,
    once: bool,
    stop: asyncio.Event,
) -> None:
    """The demo until its end: `given` texts are answered and served until `stop` (or `once`);
    without any the console is read to its end."""
    catalogue = texts(settings.language)
    public = settings.web.public_url
    base_url = str(public).rstrip("/") if public is not None else local_url
    async with serving(settings, listener, base_url, chat=True, tell=_notice) as (app, _):
        console = ConsoleChannel(
            clock=app.clock,
            texts=catalogue,
            samples=samples_of(app),
            account=settings.account,
            page_url=f"{local_url}/",
        )

        def opened(link: ShortLink) -> None:
            console.link_opened(link.code, link.shown.title)

        app.opened.append(opened)
        await console.start(app.responder.answer)
        try:
            await _until(stop, _talk(console, given, catalogue("console.links_live"), once, stop))
        finally:
            await console.close()


def _notice(sentence: str) -> None:
    """A line for the operator, where the console shows it above what is being typed."""
    print(f"! {sentence}", flush=True)  # noqa: T201 - the demo's screen is its channel


async def _talk(
    console: ConsoleChannel,
    given: Sequence[str],
    serving_line: str,
    once: bool,
    stop: asyncio.Event,
) -> None:
    await console.run(given)
    if given and not once:
        print(serving_line, flush=True)  # noqa: T201 - the demo's screen is its channel
        await stop.wait()


async def _until(stop: asyncio.Event, work: Coroutine[None, None, None]) -> None:
    """Run `work` until it ends or `stop` is set; its own errors come through."""
    task = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not task.done():
            task.cancel()
    with suppress(asyncio.CancelledError):
        await task
