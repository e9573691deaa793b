-- wrk -s nearby.lua URL -- graphql|bare: asks around places in turn, a page of 20.
local places = { {41.5868, -93.625}, {42.0, -93.6}, {40.7308, -73.9973}, {42.99, -71.46}, {36.17, -115.14}, {41.26, -95.94} }
local query = "query Near($latitude: Float!, $longitude: Float!) { nearbyEvents(near: {point: {latitude: $latitude, longitude: $longitude}}, first: 20) { edges { distanceMetres timeslot { startsAt seatsLeft } node { id title hosts { publicName } place { venue locality latitude longitude } } } } }"
local mode, i = "graphql", 0
init = function(args) mode = args[1] or mode; wrk.headers["Content-Type"] = "application/json" end
request = function()
  i = i % #places + 1
  local p = places[i]
  if mode == "bare" then return wrk.format("GET", "/nearby?latitude=" .. p[1] .. "&longitude=" .. p[2]) end
  return wrk.format("POST", "/graphql", nil, '{"query":"' .. query .. '","variables":{"latitude":' .. p[1] .. ',"longitude":' .. p[2] .. '}}')
end
done = function(s, l)
  io.write(string.format("%s %.0f %.2f %.2f %d\n", mode, s.requests / (s.duration / 1e6), l:percentile(50) / 1000, l:percentile(99) / 1000,
    s.errors.status + s.errors.connect + s.errors.read + s.errors.timeout))
end
