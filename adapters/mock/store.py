"""Where the mock world is kept: one SQLite file, or memory.

Links are written in batches (a bot makes them faster than anything else here happens); the last
moment's links may be lost with the process, orders never.
"""

from __future__ import annotations

import json
import sqlite3
import weakref
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from adapters.mock.values import MockLink, MockOrder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Store"]

_BATCH = 256
_FRONT = 20_000
"""Links kept in memory in front of the file."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS links (
    platform TEXT, token TEXT, item_id TEXT, attribution TEXT, created_at INT, expires_at INT,
    PRIMARY KEY (platform, token)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS orders (
    order_id TEXT PRIMARY KEY, platform TEXT, promoted INT, item_id TEXT, title TEXT, quantity INT,
    paid INT, rate_bp INT, commission INT, status TEXT, reason TEXT, taken_back INT, compared INT,
    attribution TEXT, clicked_at INT, created_at INT, paid_at INT, received_at INT,
    settled_at INT, updated_at INT);
CREATE INDEX IF NOT EXISTS orders_updated ON orders (platform, updated_at);
CREATE TABLE IF NOT EXISTS facts (kind TEXT, key TEXT, value TEXT, PRIMARY KEY (kind, key))
    WITHOUT ROWID;
"""
_TIMES = ("created_at", "paid_at", "received_at", "settled_at", "updated_at")
_EPOCH = datetime.fromtimestamp(0, tz=UTC)
_MICROSECOND = timedelta(microseconds=1)

_ORDER_FIELDS = (
    "order_id", "platform", "item_id", "title", "quantity", "paid", "rate_bp", "commission",
    "status", "reason", "taken_back", "compared", "attribution", "clicked_at", *_TIMES,
)  # fmt: skip


def _number(at: datetime | None) -> int | None:
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def _time(number: int | None) -> datetime | None:
    return None if number is None else _EPOCH + number * _MICROSECOND


def _sure(number: int) -> datetime:
    return _EPOCH + number * _MICROSECOND


def _text(attribution: Mapping[str, str]) -> str:
    return json.dumps(dict(attribution))


class Store:
    """Links, orders and small facts (rights, profiles, words of searched items, anchors)."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        # One process writes; a reader from outside may hold it up for a moment, not longer.
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=0.2)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(_SCHEMA)
        weakref.finalize(self, self._db.close)
        self._front: dict[tuple[str, str], MockLink] = {}
        self._unwritten: list[MockLink] = []

    def close(self) -> None:
        """Write what is waiting and close the file; twice is fine."""
        self.flush()
        self._db.close()

    def flush(self) -> None:
        """Write the waiting links; they go on waiting if that fails (sqlite3.Error)."""
        if not self._unwritten:
            return
        with self._db:
            self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (
                        link.platform, link.token, link.item_id, _text(link.attribution),
                        _number(link.created_at), _number(link.expires_at),
                    )
                    for link in self._unwritten
                ),
            )  # fmt: skip
        self._unwritten.clear()
        if len(self._front) > _FRONT:
            self._front.clear()

    def has_link(self, platform: str, token: str) -> bool:
        """Whether the token is among the links in memory."""
        return (platform, token) in self._front

    def put_link(self, link: MockLink) -> None:
        """Keep a link; written with its batch."""
        self._front[link.platform, link.token] = link
        self._unwritten.append(link)
        if len(self._unwritten) >= _BATCH:
            self.flush()

    def link(self, platform: str, token: str) -> MockLink | None:
        """A link by its token."""
        if (link := self._front.get((platform, token))) is not None:
            return link
        row = self._db.execute(
            "SELECT item_id, attribution, created_at, expires_at FROM links"
            " WHERE platform = ? AND token = ?",
            (platform, token),
        ).fetchone()
        if row is None:
            return None
        link = MockLink(
            platform=platform,
            token=token,
            item_id=row[0],
            attribution=json.loads(row[1]),
            created_at=_sure(row[2]),
            expires_at=_time(row[3]),
        )
        self._front[platform, token] = link
        return link

    def put_order(self, order: MockOrder, *, promoted: bool | None = None) -> None:
        """Keep an order for good. `promoted`: whether it came by a promotion link (None: as it was)."""
        fields = {name: getattr(order, name) for name in _ORDER_FIELDS}
        fields |= {name: _number(fields[name]) for name in (*_TIMES, "clicked_at")}
        fields["attribution"] = _text(order.attribution)
        names = ", ".join(_ORDER_FIELDS)
        slots = ", ".join(f":{name}" for name in _ORDER_FIELDS)
        updates = ", ".join(f"{name} = excluded.{name}" for name in _ORDER_FIELDS[1:])
        # A purchase is not forgotten in a power cut; links may be.
        self._db.execute("PRAGMA synchronous = FULL")
        try:
            self._db.execute(
                f"INSERT INTO orders (promoted, {names}) VALUES (:promoted, {slots})"  # noqa: S608 - our own names
                f" ON CONFLICT (order_id) DO UPDATE SET {updates}",
                {**fields, "promoted": bool(promoted)},
            )
        finally:
            self._db.execute("PRAGMA synchronous = OFF")

    def order(self, order_id: str) -> MockOrder | None:
        """An order by its number."""
        return next(iter(self._orders("order_id = ?", (order_id,), "updated_at")), None)

    def orders(
        self, platform: str, since: datetime, until: datetime, by: str
    ) -> tuple[MockOrder, ...]:
        """Orders that came by a promotion link, with `by` in [since, until). ValueError for another
        column than a time."""
        if by not in _TIMES:
            raise ValueError(f"orders are read by one of {', '.join(_TIMES)}")
        where = f"platform = ? AND promoted AND {by} >= ? AND {by} < ?"
        return self._orders(where, (platform, _number(since), _number(until)), by)

    def all_orders(self, platform: str | None) -> tuple[MockOrder, ...]:
        """Every order, the oldest first."""
        where = "platform = ?" if platform else "? IS NULL"
        return self._orders(where, (platform,), "created_at")

    def _orders(self, where: str, values: tuple[object, ...], by: str) -> tuple[MockOrder, ...]:
        rows = self._db.execute(
            f"SELECT {', '.join(_ORDER_FIELDS)} FROM orders"  # noqa: S608 - our own names
            f" WHERE {where} ORDER BY {by}, order_id",
            values,
        )
        return tuple(self._order(dict(zip(_ORDER_FIELDS, row, strict=True))) for row in rows)

    @staticmethod
    def _order(row: dict[str, object]) -> MockOrder:
        for name in (*_TIMES, "clicked_at"):
            number = row[name]
            row[name] = _time(number) if isinstance(number, int) else None
        row["compared"] = bool(row["compared"])
        row["attribution"] = json.loads(str(row["attribution"]))
        return MockOrder(**row)  # type: ignore[arg-type] # a row of our own table

    def facts(self, kind: str) -> dict[str, str]:
        """All facts of a kind."""
        rows = self._db.execute("SELECT key, value FROM facts WHERE kind = ?", (kind,))
        return dict(rows.fetchall())

    def put_fact(self, kind: str, key: str, value: str | None) -> None:
        """Keep a fact; None takes it away."""
        if value is None:
            self._db.execute("DELETE FROM facts WHERE kind = ? AND key = ?", (kind, key))
        else:
            self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", (kind, key, value))

    def clear(self) -> None:
        """Forget everything."""
        self._front.clear()
        self._unwritten.clear()
        for table in ("links", "orders", "facts"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
