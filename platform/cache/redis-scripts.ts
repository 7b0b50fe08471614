/**
 * What must be done in Redis at once. All keys are of one slot, so that this works in a Cluster, too.
 *
 * - `generation`: a word; entries of another one than the present are not there.
 * - `sequence`: how many removals there were; `removals`: the sequence of each tag's last removal.
 * - an entry's key: `generation:stamp`; a tag's key: the ids of entries by the time when they expire.
 */

/** So many removals are remembered, for computations that began before them. */
const keptRemovals = 10_000;

/**
 * KEYS: entry, generation, sequence, removals, the keys of the tags.
 * ARGV: generation and sequence when the computation began, key, stamp, milliseconds to live, the tags.
 * Gives 1, or 0 where one of the tags was removed since, or that is not known any more.
 */
export const addEntry = `#!lua
local generation = redis.call('GET', KEYS[2]) or ''
if generation ~= ARGV[1] then return 0 end
local since = tonumber(ARGV[2])
local sequence = tonumber(redis.call('GET', KEYS[3]) or '0')
if sequence < since then return 0 end
if sequence > since then
  if redis.call('ZCARD', KEYS[4]) >= ${keptRemovals} then
    local oldest = redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')
    if tonumber(oldest[2]) > since then return 0 end
  end
  local removed = {}
  for _, tag in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '(' .. ARGV[2], '+inf')) do removed[tag] = true end
  for i = 6, #ARGV do if removed[ARGV[i]] then return 0 end end
end
local ttl = tonumber(ARGV[5])
redis.call('SET', KEYS[1], generation .. ':' .. ARGV[4], 'PX', ttl)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id = ARGV[3] .. '#' .. ARGV[4]
for i = 5, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  redis.call('ZADD', KEYS[i], now + ttl, id)
  if redis.call('PTTL', KEYS[i]) < ttl then redis.call('PEXPIRE', KEYS[i], ttl) end
end
return 1
`;

/**
 * KEYS: generation, sequence, removals, the keys of the tags. ARGV: what stands before an entry's key, the tags.
 * Gives the ids of the entries that there were. A server that is out of memory does it all the same.
 */
export const removeEntries = `#!lua flags=allow-oom
local generation = redis.call('GET', KEYS[1]) or ''
local sequence = redis.call('INCR', KEYS[2])
for i = 2, #ARGV do redis.call('ZADD', KEYS[3], sequence, ARGV[i]) end
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -${keptRemovals + 1})
local removed = {}
for i = 4, #KEYS do
  for _, id in ipairs(redis.call('ZRANGE', KEYS[i], 0, -1)) do
    local key, stamp = string.match(id, '^(.*)#([^#]*)$')
    local entry = ARGV[1] .. key
    if redis.call('GET', entry) == generation .. ':' .. stamp then
      redis.call('DEL', entry)
      removed[#removed + 1] = id
    end
  end
  redis.call('DEL', KEYS[i])
end
return removed
`;
