import { expect, test } from "bun:test";
import { floorFaults } from "./floors.ts";

test("a part at its floor or above is good", () => {
  expect(floorFaults({ SQLite: "3.51.3", ws: "8.100.0" })).toEqual([]);
});

test("a part below its floor is named", () => {
  expect(floorFaults({ SQLite: "3.51.2", ws: "8.21.1" })).toEqual(["SQLite is 3.51.2, at least 3.51.3 is needed"]);
});

test("a part that is not there or says nothing sensible is below its floor", () => {
  expect(floorFaults({ SQLite: "new" })).toHaveLength(2);
});
