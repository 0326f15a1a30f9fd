"use strict";
// A line.
const a = "// text";
const b = '/* text */'; /* comment */
const c = `
// text in a template
`;

/*
const gone = 1;
*/
function run() {
  return a + b + c; // sum
}
export default run;
