"""Every key of the store: name, slot, type, lifetime, and who writes it.

The part in braces is the hash tag: keys with the same tag live in one slot of a cluster, and a
script only ever gets keys of one tag. So the keys are laid out for a cluster, while the client
speaks to one server today. Lifetimes here are storage housekeeping on real time; what
has business meaning (a link's life, a lease) is judged by stored times and the business clock.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from bot.redis.alphabet import BASE58

if TYPE_CHECKING:
    from datetime import date

__all__ = [
    "CLICK_PARTITIONS",
    "DAY_COUNTS_KEPT",
    "LINK_KEPT",
    "LINK_PARTITIONS",
    "OFFER_KEPT",
    "QUOTA_DAY_KEPT",
    "RESERVATION_KEPT",
    "WRITER_KEPT",
    "Keys",
    "digest",
]

LINK_PARTITIONS = 29
"""Slots over which links are spread: two of the 58 last characters of a code belong to each."""
CLICK_PARTITIONS = 16

RESERVATION_KEPT = timedelta(seconds=60)
"""A code that was reserved and never saved is free again after this."""
LINK_KEPT = timedelta(days=800)
"""From the last use: orders may be reported up to two years late."""
OFFER_KEPT = timedelta(hours=6)
"""The last good offer, for when the platform is down."""
DAY_COUNTS_KEPT = timedelta(days=400)
QUOTA_DAY_KEPT = timedelta(days=3)
WRITER_KEPT = timedelta(days=8)
"""How long a process may be cut off from the store and still not count twice."""


def digest(*parts: str) -> str:
    """32 hex digits of the parts; ("ab", "c") and ("a", "bc") differ."""
    return blake2b(
        "".join(f"{len(part)}:{part}" for part in parts).encode(), digest_size=16
    ).hexdigest()


class Keys:
    """Names under one prefix. ValueError for a prefix with braces: it would be the hash tag."""

    def __init__(self, prefix: str = "taoke") -> None:
        if "{" in prefix or "}" in prefix:
            raise ValueError("the prefix of the store's keys has no braces")
        self.prefix = prefix

    # The store itself

    def schema(self) -> str:
        """String, an integer; for ever. `bot.redis.schema`."""
        return f"{self.prefix}:schema"

    def stamp(self) -> str:
        """String, `mock` or `live`; for ever. `bot.redis.schema`, at the first conversion."""
        return f"{self.prefix}:stamp"

    def migration(self) -> str:
        """String, who migrates; seconds, renewed while it runs. `bot.redis.schema`."""
        return f"{self.prefix}:migration"

    # Short links

    @staticmethod
    def link_partition(owner: str) -> int:
        """The partition of an owner's digest."""
        return int(owner[:8], 16) % LINK_PARTITIONS

    @staticmethod
    def code_partition(code: str) -> int:
        """The partition of a code, told by its last character."""
        return BASE58.index(code[-1]) // 2

    def _links(self, partition: int) -> str:
        return f"{self.prefix}:{{links:{partition:02d}}}"

    def link(self, code: str) -> str:
        """Hash: o owner digest, v JSON, u last use (us), x switched off, r promotion (us), n business
        second before which no failed refresh is tried again; a reservation has only o. LINK_KEPT
        from the last use, a reservation RESERVATION_KEPT. `bot.links.store`."""
        return f"{self._links(self.code_partition(code))}:link:{code}"

    def live(self, owner: str) -> str:
        """String: `r:CODE` while reserved, `s:CODE` once saved: the one live code of this owner
        (earner, chat, item). Lifetimes as `link`. `bot.links.store`."""
        return f"{self._links(self.link_partition(owner))}:live:{owner}"

    def target(self, url: str) -> str:
        """String: the code whose promotion link this is; LINK_KEPT. `bot.links.store`."""
        return f"{self.prefix}:target:{digest(url)}"

    def due(self, partition: int) -> str:
        """Sorted set: codes by the business second of their next refresh; for ever.
        `bot.links.store`."""
        return f"{self._links(partition)}:due"

    def asked(self, code: str) -> str:
        """String: a refresh of this code was asked for or claimed; a minute. `bot.links.store`."""
        return f"{self._links(self.code_partition(code))}:asked:{code}"

    # Leased placements

    def _leases(self, platform: str, account: str) -> str:
        return f"{self.prefix}:{{leases:{platform}:{account}}}"

    def lease_holders(self, platform: str, account: str) -> str:
        """Hash: promoter -> the placement held now; for ever. `bot.links.placements`."""
        return f"{self._leases(platform, account)}:holders"

    def lease_used(self, platform: str, account: str) -> str:
        """Hash: placement -> business second of its last use; for ever. `bot.links.placements`."""
        return f"{self._leases(platform, account)}:used"

    def lease_history(self, platform: str, account: str) -> str:
        """Hash: placement -> `second:promoter;...`, who held it from when on; for ever: late orders
        are attributed by it. `bot.links.placements`."""
        return f"{self._leases(platform, account)}:history"

    # Clicks

    @staticmethod
    def click_partition(promoter_id: str) -> int:
        """The partition of a promoter's clicks."""
        return int(digest(promoter_id)[:8], 16) % CLICK_PARTITIONS

    def _clicks(self, partition: int) -> str:
        return f"{self.prefix}:{{clicks:{partition:02d}}}"

    def clicks_total(self, partition: int) -> str:
        """Hash: code -> clicks; for ever. `bot.links.clicks`."""
        return f"{self._clicks(partition)}:total"

    def clicks_day(self, partition: int, day: date) -> str:
        """Hash: code -> clicks of one Beijing day; DAY_COUNTS_KEPT. `bot.links.clicks`."""
        return f"{self._clicks(partition)}:day:{day:%Y%m%d}"

    def clicks_writer(self, partition: int, writer: str) -> str:
        """String: the last batch of this process that was counted; WRITER_KEPT. `bot.links.clicks`."""
        return f"{self._clicks(partition)}:writer:{writer}"

    # Conversion

    def _offer(self, account: str, platform: str, item_id: str, version: int) -> str:
        return f"{self.prefix}:{{offer:{digest(account, platform, item_id, str(version))}}}"

    def offer_good(self, account: str, platform: str, item_id: str, version: int) -> str:
        """String: JSON, the last good offer and until when it is fresh; OFFER_KEPT.
        `bot.convert.store`."""
        return f"{self._offer(account, platform, item_id, version)}:good"

    def offer_failed(self, account: str, platform: str, item_id: str, version: int) -> str:
        """String: JSON, why there is none; as long as the caller says. `bot.convert.store`."""
        return f"{self._offer(account, platform, item_id, version)}:failed"

    def _quota(self, platform: str, account: str) -> str:
        return f"{self.prefix}:{{quota:{platform}:{account}}}"

    def quota_rate(self, platform: str, account: str) -> str:
        """String: microsecond up to which calls are spoken for; seconds. `bot.convert.quota`."""
        return f"{self._quota(platform, account)}:rate"

    def quota_day(self, platform: str, account: str, day: date) -> str:
        """Hash: used (calls), told80, told100; QUOTA_DAY_KEPT.
        `bot.convert.quota`."""
        return f"{self._quota(platform, account)}:day:{day:%Y%m%d}"

    def quota_blocked(self, platform: str, account: str) -> str:
        """String: business second until which the platform wants no calls; QUOTA_DAY_KEPT.
        `bot.convert.quota`."""
        return f"{self._quota(platform, account)}:blocked"

    # The funnel

    def funnel_total(self) -> str:
        """Hash: `stage:platform` -> count; for ever. `bot.stats.store`."""
        return f"{self.prefix}:{{funnel}}:total"

    def funnel_day(self, day: date) -> str:
        """Hash: `stage:platform` -> count of one Beijing day; DAY_COUNTS_KEPT. `bot.stats.store`."""
        return f"{self.prefix}:{{funnel}}:day:{day:%Y%m%d}"

    def funnel_writer(self, writer: str) -> str:
        """String: the last batch of this process that was counted; WRITER_KEPT. `bot.stats.store`."""
        return f"{self.prefix}:{{funnel}}:writer:{writer}"

    # People

    def accounts(self) -> str:
        """Hash: `channel:account:user` -> promoter id; for ever. `bot.people.store`."""
        return f"{self.prefix}:{{people}}:accounts"

    def promoter(self, promoter_id: str) -> str:
        """Hash: known, and `a:channel:account:user` per account; for ever. `bot.people.store`."""
        return f"{self.prefix}:{{people}}:promoter:{promoter_id}"
