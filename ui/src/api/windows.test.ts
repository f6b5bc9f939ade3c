import { expect, test } from "vitest";
import { pagesOf, WINDOW_ROWS } from "./windows";

test("only the pages in view are read", () => {
  expect(pagesOf(0, 30, 100_000)).toEqual([0]);
  expect(pagesOf(WINDOW_ROWS - 1, WINDOW_ROWS, 100_000)).toEqual([0, 1]);
  expect(pagesOf(99_990, 100_020, 100_000)).toEqual([99_999 / WINDOW_ROWS - (99_999 % WINDOW_ROWS) / WINDOW_ROWS]);
  expect(pagesOf(0, 10, 0)).toEqual([]);
  expect(pagesOf(5, -1, 10)).toEqual([]);
});
