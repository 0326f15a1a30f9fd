// One.
let a = 1 // here
(* many
lines *)
let b = "(* text *)"
