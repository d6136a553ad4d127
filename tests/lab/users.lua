-- A user reads for about a second, then asks again.
function init()
  math.randomseed(os.time() + tonumber(tostring({}):match("0x(%x+)"), 16) % 65536)
end

function delay()
  return math.random(500, 1500)
end
