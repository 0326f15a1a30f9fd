import assert from "node:assert/strict";
import { test } from "node:test";
import { Quay } from "../src/quay.js";
import { QuayError } from "../src/types.js";

const NOON = new Date("2026-03-01T12:00:00Z");
const EVENING = new Date("2026-03-01T18:00:00Z");
const ship = (imo: string, length: number) => ({ imo, name: `Ship ${imo}`, length, dangerous: false });

test("the second ship lies east of the first", () => {
  const quay = new Quay("North", 400);
  quay.moor(ship("1", 100), NOON, EVENING);

  assert.equal(quay.moor(ship("2", 100), NOON, EVENING).at, 115);
});

test("a quay that is full refuses", () => {
  const quay = new Quay("North", 150);
  quay.moor(ship("1", 100), NOON, EVENING);

  assert.throws(() => quay.moor(ship("2", 100), NOON, EVENING), QuayError);
});
