"""Who asks: programs that fetch a link to draw its preview in a chat.

A short list of names that the networks document for their own fetchers. Browsers inside apps are
people and must not match: Telegram's says `Telegram-Android`, Facebook's `FBAN`, and several
Chinese apps are called bots by published lists.
"""

from __future__ import annotations

import re

__all__ = ["is_preview_fetcher"]

_FETCHERS = re.compile(
    r"TelegramBot|Twitterbot|facebookexternalhit|facebookcatalog|meta-externalagent|WhatsApp/"
    r"|Slackbot|Slack-ImgProxy|Discordbot|LinkedInBot|SkypeUriPreview|redditbot|Viberbot|vkShare"
    r"|Iframely|Mastodon|Pinterestbot|Embedly|DingTalkBot|LarkUrl|Lark-Link-Preview",
    re.IGNORECASE,
)
_LONGEST = 512


def is_preview_fetcher(user_agent: str) -> bool:
    """Whether this is a chat network's own fetcher, by what it calls itself."""
    return _FETCHERS.search(user_agent[:_LONGEST]) is not None
