-- wrk cycles through the requests of the file $BENCH_REQUESTS, one a line: METHOD \t PATH \t KIND OF BODY \t BODY. In a line
-- @@UNIQ@@ becomes a text never sent before ($BENCH_UNIQ and a counter) and @@UUID@@ a random UUID. $BENCH_HEADERS: "K: V" lines.
-- Both are of one length, so that a request is put together once and only they are filled in: the client must cost little, since
-- it shares the processors with what is measured.
local requests, count, at, changing, sent = {}, 0, 0, false, 0
local unique, headers = os.getenv("BENCH_UNIQ") or "u", {}

local function uuid()
  local r = math.random
  return string.format("%08x-%04x-4%03x-a%03x-%06x%06x", r(0, 0x7fffffff), r(0, 0xffff), r(0, 0xfff), r(0, 0xfff),
    r(0, 0xffffff), r(0, 0xffffff))
end

local function uniq()
  return string.format("%s%09d", unique, sent)
end

local fills = { ["@@UNIQ@@"] = uniq, ["@@UUID@@"] = uuid }

-- The request as a list of texts and, where something is to be filled in, functions.
local function parts(method, path, body)
  local filled = body:gsub("@@%u+@@", function(mark) return fills[mark]() end)
  local head = wrk.format(method, path, headers, filled):sub(1, -1 - #filled)
  local list, from = { head }, 1
  for at, mark, behind in body:gmatch("()(@@%u+@@)()") do
    list[#list + 1] = body:sub(from, at - 1)
    list[#list + 1] = fills[mark]
    from = behind
  end
  list[#list + 1] = body:sub(from)
  return list
end

function init()
  math.randomseed(os.time() + (tonumber(os.getenv("BENCH_OFFSET")) or 0))
  for name, value in (os.getenv("BENCH_HEADERS") or ""):gmatch("([^\n:]+): ([^\n]+)") do headers[name] = value end
  for line in io.lines(os.getenv("BENCH_REQUESTS")) do
    local method, path, kind, body = line:match("^(%S+)\t(%S+)\t(%S+)\t(.*)$")
    headers["Content-Type"] = kind
    if body:find("@@", 1, true) then
      changing = true
      requests[#requests + 1] = parts(method, path, body)
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
  local text = {}
  for n, part in ipairs(one) do text[n] = type(part) == "function" and part() or part end
  return table.concat(text)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d %d\n", summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
