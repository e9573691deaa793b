-- wrk -s nearby.lua URL -- FILE: the requests of FILE in turn, each a line "METHOD PATH BODY".
dofile("bench/lua/report.lua")

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local requests, at = {}, 0
function init(arguments)
  wrk.headers["Content-Type"] = "application/json"
  for line in io.lines(arguments[1]) do
    local method, path, body = line:match("^(%S+) (%S+) ?(.*)$")
    requests[#requests + 1] = wrk.format(method, path, nil, body ~= "" and body or nil)
  end
  at = number * math.floor(#requests / 2) -- so that threads do not ask the same
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  report(summary, latency)
end
