"""Short codes: 7 characters of base58, from the operating system's randomness.

58^7 is 2.2e12. With a million links alive a guess hits one in 2.2 million tries, and a fresh code
collides with one in 5e-7 of the cases (it is then drawn anew).

The last character tells the slot of the store (two characters each for 29 slots), and the slot
comes from a hash of earner, chat and item, so it is as good as random for one who guesses; one who
knows all three of a link still has 58^6 * 2 = 7.6e10 codes to try.
"""

from __future__ import annotations

import re
import secrets

from bot.redis.alphabet import BASE58

__all__ = ["CODE_LENGTH", "is_code", "new_code"]

CODE_LENGTH = 7

_CODE = re.compile(f"[{BASE58}]{{{CODE_LENGTH}}}")


def new_code(partition: int) -> str:
    """A random code of this partition (0 to 28)."""
    head = "".join(secrets.choice(BASE58) for _ in range(CODE_LENGTH - 1))
    return head + secrets.choice(BASE58[2 * partition : 2 * partition + 2])


def is_code(text: str) -> bool:
    """Whether `text` could be a code; anything else needs no look into the store."""
    return _CODE.fullmatch(text) is not None
