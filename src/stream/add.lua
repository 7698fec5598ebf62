-- Adds a batch to a stream, all of it or nothing: only if the stream ends where the sender believes.
-- KEYS[1] the stream
-- ARGV[1] id of the last entry that the sender knows of, '' if the stream should be empty
-- ARGV[2] entries to keep
-- ARGV[3...] for each entry its id, how many arguments follow, and its fields with their values
-- Answers {1, id of the last entry now} or {0, id of the last entry}: '' if there never was one.
-- Memory limits and read-only replicas are refused at the first write, before anything is added.
local last = ''
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
if info.err then
  if not string.find(info.err, 'no such key', 1, true) then return info end
else
  for at = 1, #info, 2 do
    if info[at] == 'last-generated-id' then last = info[at + 1] end
  end
end
if last == '0-0' then last = '' end
if last ~= ARGV[1] then return {0, last} end
local at = 3
while at <= #ARGV do
  local count = tonumber(ARGV[at + 1])
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], ARGV[at], unpack(ARGV, at + 2, at + 1 + count))
  last = ARGV[at]
  at = at + 2 + count
end
return {1, last}
