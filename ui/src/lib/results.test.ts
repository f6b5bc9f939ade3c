import { expect, test } from "vitest";
import { resultOf } from "./results";

test("where a result is", () => {
  expect(
    resultOf({
      type: "Success",
      _result: { type: "LocalResult", location: "a/b.prefect", dir: "/results", __version__: "1" },
    }),
  ).toEqual({ kind: "LocalResult", location: "a/b.prefect", value: null, more: { dir: "/results" } });
});

test("a value that the state holds", () => {
  expect(resultOf({ _result: { type: "PrefectResult", location: "[1, 2]" } })?.value).toBe("[1, 2]");
});

test("no result, and states of other shapes", () => {
  expect(resultOf({ _result: { type: "NoResultType" } })).toBeNull();
  expect(resultOf({ _result: { type: "Result" } })).toBeNull();
  expect(resultOf(null)).toBeNull();
  expect(resultOf(["odd"])).toBeNull();
});
