import { expect, test } from "vitest";
import { cellsOf, cellWords } from "./grid";

const TASKS = [
  { id: "t1", slug: "extract-1" },
  { id: "t2", slug: "transform-1" },
  // The same task in an older version.
  { id: "t3", slug: "extract-1" },
];

const group = (run: string, task: string, state: string, count: number) => ({
  key: { flow_run_id: run, task_id: task, state },
  aggregate: { count },
});

test("tasks of several versions share a row by their slug", () => {
  const cells = cellsOf(
    TASKS,
    [
      { id: "a", flow_run_id: "r1", task_id: "t1", state: "Success" },
      { id: "b", flow_run_id: "r2", task_id: "t3", state: "Failed" },
      { id: "c", flow_run_id: "r2", task_id: "unknown", state: "Failed" },
    ],
    [],
  );
  expect(cells.get("r1")?.get("extract-1")).toMatchObject({ id: "a", state: "Success" });
  expect(cells.get("r2")?.get("extract-1")).toMatchObject({ id: "b", state: "Failed" });
  expect(cells.get("r2")?.size).toBe(1);
});

test("of mapped task runs the worst is shown, and all are told", () => {
  const cells = cellsOf(
    TASKS,
    [{ id: "p", flow_run_id: "r1", task_id: "t2", state: "Mapped" }],
    [group("r1", "t2", "Success", 11), group("r1", "t2", "Failed", 1)],
  );
  const cell = cells.get("r1")?.get("transform-1");
  expect(cell).toMatchObject({ id: "p", state: "Failed" });
  expect(cellWords("transform", "fierce-crane", cell)).toBe("transform in fierce-crane: mapped, 1 Failed, 11 Success");
  expect(cellWords("load", "fierce-crane", undefined)).toBe("load in fierce-crane: no task run");
});
