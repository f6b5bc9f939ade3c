import { expect, test } from "vitest";
import { each, part } from "./bulk";

const run = (id: string, state: string) => ({ id, state, version: 1 });
const RUNS = [run("1", "Running"), run("2", "Success"), run("3", "Scheduled"), run("4", "Success")];

test("what has ended is not cancelled again, and it is said how often", () => {
  const { able, reasons } = part("cancel", RUNS);
  expect(able.map(({ id }) => id)).toEqual(["1", "3"]);
  expect([...reasons]).toEqual([["It has ended: Success.", 2]]);
});

test("what runs is not deleted, and what ended is not marked", () => {
  expect(part("delete", RUNS).able.map(({ id }) => id)).toEqual(["2", "3", "4"]);
  expect(part("mark", RUNS, "Failed").able.map(({ id }) => id)).toEqual(["1", "3"]);
});

test("each is done once, and what goes wrong is counted by what was said", async () => {
  const seen: number[] = [];
  const progress: number[] = [];
  const wrong = await each(
    [1, 2, 3, 4, 5, 6, 7],
    async (item) => {
      seen.push(item);
      if (item % 3 === 0) throw new Error("no");
    },
    (done) => progress.push(done),
  );
  expect(seen.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(progress.at(-1)).toBe(7);
  expect([...wrong]).toEqual([["no", 2]]);
});
