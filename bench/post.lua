-- wrk cycles through the requests of the file $BENCH_REQUESTS, one a line: METHOD \t PATH \t KIND OF BODY \t BODY. In a line
-- @@UNIQ@@ becomes a text never sent before ($BENCH_UNIQ and a counter) and @@UUID@@ a random UUID. $BENCH_HEADERS: "K: V" lines.
local requests, count, at, changing, sent = {}, 0, 0, false, 0
local unique, headers = os.getenv("BENCH_UNIQ") or "u", {}

local function uuid()
  local r = math.random
  return string.format("%08x-%04x-4%03x-a%03x-%06x%06x", r(0, 0x7fffffff), r(0, 0xffff), r(0, 0xfff), r(0, 0xfff),
    r(0, 0xffffff), r(0, 0xffffff))
end

function init()
  math.randomseed(os.time() + (tonumber(os.getenv("BENCH_OFFSET")) or 0))
  for name, value in (os.getenv("BENCH_HEADERS") or ""):gmatch("([^\n:]+): ([^\n]+)") do headers[name] = value end
  for line in io.lines(os.getenv("BENCH_REQUESTS")) do
    local method, path, kind, body = line:match("^(%S+)\t(%S+)\t(%S+)\t(.*)$")
    headers["Content-Type"] = kind
    if body:find("@@", 1, true) then
      changing = true
      requests[#requests + 1] = { method, path, body }
    else
      requests[#requests + 1] = wrk.format(method, path, headers, body)
    end
  end
  count = #requests
  at = (tonumber(os.getenv("BENCH_OFFSET")) or 0) % count
end

function request()
  at = at % count + 1
  local one = requests[at]
  if not changing then return one end
  sent = sent + 1
  return wrk.format(one[1], one[2], headers, (one[3]:gsub("@@UNIQ@@", unique .. sent):gsub("@@UUID@@", uuid)))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d %d\n", summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
