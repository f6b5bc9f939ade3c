import { expect, test } from "vitest";
import { ofFlowRun, ofTaskRun, word } from "./snippets";

const ID = "01a224d4-4386-75b1-a44e-8c988959543e";

test("what is filtered is filtered in the snippet", () => {
  const { Python, GraphQL, CLI } = ofFlowRun({
    flowRunId: ID,
    tab: "tasks",
    states: ["Failed"],
    asOf: "2026-11-28T12:00:00Z",
  });
  expect(Python).toContain('as_of="2026-11-28T12:00:00Z"');
  expect(Python).toContain('in ["Failed"]');
  expect(GraphQL).toContain('state: {_in: ["Failed"]}');
  expect(CLI).toBe(`prefect graphql '${GraphQL}'`);
});

test("letters that mean something elsewhere are only letters", () => {
  expect(word("it's")).toBe(`'it'\\''s'`);
  const { GraphQL } = ofFlowRun({ flowRunId: ID, tab: "tasks", task: '50%"' });
  expect(GraphQL).toContain('_ilike: "%50\\\\%\\"%"');
});

test("the whole log has a command of its own, a part of it has not", () => {
  expect(ofFlowRun({ flowRunId: ID, tab: "logs" }).CLI).toBe(`prefect get logs --id ${ID}`);
  expect(ofFlowRun({ flowRunId: ID, tab: "logs", words: "x" }).CLI).toContain('search: "x"');
  expect(ofTaskRun(ID).Python).toContain(`from_task_run_id("${ID}")`);
});
