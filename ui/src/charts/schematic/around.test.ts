import { expect, test } from "vitest";
import { around } from "./around";

const edges = ["ab", "bc", "cd", "xc", "by"].map(([upstream_task_id, downstream_task_id]) => ({
  upstream_task_id: upstream_task_id as string,
  downstream_task_id: downstream_task_id as string,
}));

test("what leads to a task and what it leads to, and nothing beside", () => {
  expect([...around(edges, "c", 1)].toSorted()).toEqual(["b", "c", "d", "x"]);
  expect([...around(edges, "c", Number.POSITIVE_INFINITY)].toSorted()).toEqual(["a", "b", "c", "d", "x"]);
  expect([...around(edges, "lonely", 2)]).toEqual(["lonely"]);
});
