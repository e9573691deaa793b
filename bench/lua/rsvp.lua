-- wrk -s rsvp.lua URL -- BODY TOKENS TIMESLOTS hot|spread FROM: answers for timeslots, a person never twice for the same.
--
-- BODY is a file with the request, in which TIMESLOT and KEY are replaced; the other two are files with a line for
-- each. Answers are numbered from FROM on, odd ones by one thread, even ones by the other, so that a later run can go on
-- where this one ended.
--   hot:    everybody for the first timeslot; for the second when all people have answered, and so on
--   spread: for each timeslot in turn; whenever the people are through, they begin one place later
dofile("bench/lua/report.lua")

local threads = {}
function setup(thread)
  thread:set("number", #threads)
  threads[#threads + 1] = thread
end

local function lines(path)
  local found = {}
  for line in io.lines(path) do found[#found + 1] = line end
  return found
end

local before, between, after, path, tokens, timeslots, hot
sent, registered = 0, 0 -- global, to be read by done()

function init(arguments)
  local body = io.open(arguments[1]):read("*a")
  before, between, after = body:match("^(.*)TIMESLOT(.*)KEY(.*)$")
  tokens, timeslots = lines(arguments[2]), lines(arguments[3])
  hot = arguments[4] == "hot"
  at = tonumber(arguments[5]) + number - 2
  path = wrk.path
end

function request()
  at = at + 2
  sent = sent + 1
  local lap = math.floor(at / #tokens)
  local token, timeslot
  if hot then
    token, timeslot = at % #tokens, lap % #timeslots
  else
    token, timeslot = (at + lap) % #tokens, at % #timeslots
  end
  local headers = {
    ["Content-Type"] = "application/json",
    ["Authorization"] = "Bearer " .. tokens[token + 1],
  }
  local body = before .. timeslots[timeslot + 1] .. between .. at .. after
  return wrk.format("POST", path, headers, body)
end

function response(status, headers, body)
  if body:find('"REGISTERED"', 1, true) then
    registered = registered + 1
  elseif not first then
    first = true
    io.stderr:write(status, " ", body, "\n")
  end
end

function done(summary, latency)
  local sent, registered, next_ = 0, 0, 0
  for _, thread in ipairs(threads) do
    sent = sent + thread:get("sent")
    registered = registered + thread:get("registered")
    next_ = math.max(next_, thread:get("at") + 2)
  end
  next_ = next_ + next_ % 2
  report(summary, latency, string.format(', "sent": %d, "registered": %d, "next": %d', sent, registered, next_))
end
