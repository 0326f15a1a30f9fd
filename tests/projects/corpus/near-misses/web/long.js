// Rules.
export const rules = ["name must not be empty, because nothing can be done with it", "key must not be empty, because nothing can be done with it", "address must not be empty, because nothing can be done with it", "colour must not be empty, because nothing can be done with it"];


export function run(name) {
  return rules.includes(name);
}
