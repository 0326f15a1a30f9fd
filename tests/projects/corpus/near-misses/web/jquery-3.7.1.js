// One.
let x = 1;
