let a = 1;
// end