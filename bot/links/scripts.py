"""The scripts of the link store. Each has its keys in one slot and is all or nothing.

The state of an owner's `live` key is `r:CODE` while a code is reserved and `s:CODE` once it is saved;
a link's hash has `o` (owner) from the reservation on and `v` (the record) once it is saved; `r` tells
one promotion from the next, and `n` is there while a refresh that failed waits for its next try.
"""

from __future__ import annotations

from bot.redis.connection import Script

__all__ = ["ASK", "FREE", "RESERVE", "SAVE", "SCHEDULE", "SWITCH", "USED"]

# KEYS live, link of the fresh code. ARGV code, owner, what may be replaced, ms of a reservation,
# ms of a link. Answers the state of `live`, or nothing if the code is taken.
RESERVE = Script("""
local live = redis.call('GET', KEYS[1])
if live and live ~= ARGV[3] then
  if string.sub(live, 1, 2) == 's:' then redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
  return live
end
if redis.call('EXISTS', KEYS[2]) == 1 then return false end
redis.call('HSET', KEYS[2], 'o', ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('SET', KEYS[1], 'r:' .. ARGV[1], 'PX', ARGV[4])
return 'r:' .. ARGV[1]
""")

# KEYS live, link, due. ARGV code, owner, JSON, used, due second or '', ms, this promotion, the
# promotion it replaces or '' for any. Answers the live code, '' if another promotion was stored
# meanwhile, or nothing if the code belongs to somebody else. A link that is stored already is
# rewritten even when another has become the live one of its owner meanwhile.
SAVE = Script("""
local live = redis.call('GET', KEYS[1])
local owner, used, stored = unpack(redis.call('HMGET', KEYS[2], 'o', 'u', 'r'))
local other = live and string.sub(live, 1, 2) == 's:' and live ~= 's:' .. ARGV[1]
if other and not used then return string.sub(live, 3) end
if owner and owner ~= ARGV[2] then return false end
if ARGV[8] ~= '' and stored and stored ~= ARGV[8] then return '' end
if used and tonumber(used) > tonumber(ARGV[4]) then ARGV[4] = used end
redis.call('HSET', KEYS[2], 'o', ARGV[2], 'v', ARGV[3], 'u', ARGV[4], 'r', ARGV[7])
redis.call('HDEL', KEYS[2], 'n')
redis.call('PEXPIRE', KEYS[2], ARGV[6])
if not other then redis.call('SET', KEYS[1], 's:' .. ARGV[1], 'PX', ARGV[6]) end
if ARGV[5] == '' then redis.call('ZREM', KEYS[3], ARGV[1])
else redis.call('ZADD', KEYS[3], ARGV[5], ARGV[1]) end
return ARGV[1]
""")

# KEYS live, link. ARGV code.
FREE = Script("""
if redis.call('HEXISTS', KEYS[2], 'v') == 1 then return 0 end
if redis.call('GET', KEYS[1]) == 'r:' .. ARGV[1] then redis.call('DEL', KEYS[1]) end
return redis.call('DEL', KEYS[2])
""")

# KEYS link. ARGV used, ms. Tables of Lua are doubles: microseconds stay exact up to 2^53 (2255).
USED = Script("""
local used = redis.call('HGET', KEYS[1], 'u')
if not used then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if tonumber(ARGV[1]) > tonumber(used) then redis.call('HSET', KEYS[1], 'u', ARGV[1]) end
return 1
""")

# KEYS link. ARGV '1' or ''.
SWITCH = Script("""
if redis.call('HEXISTS', KEYS[1], 'v') == 0 then return 0 end
if ARGV[1] == '' then redis.call('HDEL', KEYS[1], 'x') else redis.call('HSET', KEYS[1], 'x', 1) end
return 1
""")

# KEYS link, due. ARGV code, second. No request pulls it forward.
SCHEDULE = Script("""
if redis.call('HEXISTS', KEYS[1], 'v') == 0 then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 0
end
redis.call('HSET', KEYS[1], 'n', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 1
""")

# KEYS link, due, asked. ARGV code, second, seconds between two requests.
ASK = Script("""
local record, next_try = unpack(redis.call('HMGET', KEYS[1], 'v', 'n'))
if not record then return 0 end
if next_try and tonumber(next_try) > tonumber(ARGV[2]) then return 0 end
if not redis.call('SET', KEYS[3], 1, 'NX', 'EX', ARGV[3]) then return 0 end
local due = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not due or tonumber(due) > tonumber(ARGV[2]) then redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1]) end
return 1
""")
