-- One.
--[[ Many
lines ]]
local a = "-- text"
local b = 1 -- one
return a
