import { expect, test } from "vitest";
import { entriesOf, fieldsOf, filled, localInput, read, readObject } from "./form";

const PARAMETERS = [
  { name: "rows", required: false, default: 3 },
  { name: "source", required: true, default: null },
  { name: "day", required: false, default: null, type: "prefect.core.parameter.DateTimeParameter" },
  { name: "options", required: false, default: { deep: [1] } },
  { name: "dry", required: false, default: false },
];

test("a field's kind is that of the parameter, else that of its default; required ones come first", () => {
  const fields = fieldsOf(PARAMETERS, {});
  expect(fields.map(({ name, kind, isRequired }) => [name, kind, isRequired])).toEqual([
    ["source", "text", true],
    ["rows", "number", false],
    ["day", "datetime", false],
    ["options", "json", false],
    ["dry", "boolean", false],
  ]);
});

test("defaults of the flow's settings come before those of its code, and what has one need not be given", () => {
  const [source] = fieldsOf([{ name: "source", required: true, default: null }], { source: "s3://x" });
  expect(source).toMatchObject({ isRequired: false, kind: "text", text: "s3://x" });
});

test("only what differs is given, and what is required has to be", () => {
  const fields = fieldsOf(PARAMETERS, {});
  expect(filled(fields, {})).toEqual({ parameters: {}, errors: { source: "This one has to be given." } });
  const entries = {
    source: { kind: "text", text: "4" },
    rows: { kind: "number", text: "3" },
    options: { kind: "json", text: "[1, 2]" },
  } as const;
  expect(filled(fields, entries)).toEqual({ parameters: { source: "4", options: [1, 2] }, errors: {} });
});

test("text stays text, and numbers are numbers that can be kept", () => {
  expect(read({ kind: "text", text: "007" })).toEqual({ value: "007" });
  expect(read({ kind: "number", text: " 1e3 " })).toEqual({ value: 1000 });
  expect(read({ kind: "number", text: "12345678901234567890" })).toHaveProperty("error");
  expect(read({ kind: "number", text: "" })).toEqual({ error: "This is no number." });
  expect(read({ kind: "number", text: "Infinity" })).toHaveProperty("error");
});

test("JSON that is none says why", () => {
  expect(read({ kind: "json", text: "{" })).toHaveProperty("error");
  expect(read({ kind: "json", text: "" })).toHaveProperty("error");
  expect(readObject("[]")).toEqual({ error: 'It has to be an object: {"name": "value"}.' });
  expect(readObject("")).toEqual({ value: {} });
});

test("moments are shown in the viewer's zone and sent in UTC", () => {
  const shown = localInput("2026-11-29T12:00:00+00:00");
  expect(read({ kind: "datetime", text: shown })).toEqual({ value: "2026-11-29T12:00:00.000Z" });
  expect(localInput("never")).toBe("");
});

test("parameters of an earlier run come back as they were, also of another type", () => {
  const fields = fieldsOf(PARAMETERS, {});
  const entries = entriesOf(fields, { rows: "three", source: null, dry: true, gone: 1 });
  expect(entries).toEqual({
    rows: { kind: "text", text: "three" },
    source: { kind: "json", text: "null" },
    dry: { kind: "boolean", text: "true" },
  });
  expect(filled(fields, entries).parameters).toEqual({ rows: "three", source: null, dry: true });
});
