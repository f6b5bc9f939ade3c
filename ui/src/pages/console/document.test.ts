import { expect, test } from "vitest";
import {
  alone,
  asCurl,
  asPython,
  fromFragment,
  keepable,
  operationAt,
  operationsOf,
  placeOfFault,
  pretty,
  readHistory,
  readVariables,
  remembering,
  toFragment,
} from "./document";

const TWO = "query a { hello ...f }\nmutation b { x }\nfragment f on query_root { api { version } }";

test("the operation at a place", () => {
  const operations = operationsOf(TWO);
  expect(operations.map(({ name, kind }) => [name, kind])).toEqual([
    ["a", "query"],
    ["b", "mutation"],
  ]);
  expect(operationAt(operations, 3)?.name).toBe("a");
  expect(operationAt(operations, TWO.length)?.name).toBe("b");
  expect(operationAt([], 0)).toBeUndefined();
  expect(operationsOf("query {")).toEqual([]);
});

test("one operation alone has its fragments", () => {
  expect(alone(TWO, "a")).toContain("fragment f");
  expect(alone(TWO, "b")).toBe("mutation b {\n  x\n}");
});

test("a text is set out anew, unless that would lose a comment", () => {
  expect(pretty("{flow{id}}")).toBe("{\n  flow {\n    id\n  }\n}");
  expect(pretty("{ flow { id } } # mine")).toBe("{ flow { id } } # mine");
  expect(pretty('{ flow(where: {name: {_eq: "#1"}}) { id } }')).toContain("\n");
  expect(pretty("{ flow {")).toBe("{ flow {");
});

test("nothing that may be secret is kept of a mutation", () => {
  const text = 'mutation { set_secret(input: {name: "db", value: "hunter2", n: 4711}) { success } }';
  const kept = keepable(text, '{"value": "hunter2"}');
  expect(kept.text).not.toMatch(/hunter2|db|4711/);
  expect(kept.text).toContain("set_secret");
  expect(kept.variables).toBe("");
  expect(keepable('mutation { set_secret(input: {value: "hunter2', "").text).not.toContain("hunter2");
  const key = `qk_${"0".repeat(32)}_${"a".repeat(43)}`;
  expect(JSON.stringify(keepable(`{ flow(where: {name: {_eq: "${key}"}}) { id } }`, `{"k": "${key}"}`))).not.toContain(
    key,
  );
  expect(keepable("{ flow { id } }", '{"a": 1}')).toEqual({ text: "{ flow { id } }", variables: '{"a": 1}' });
});

test("a question survives an address", () => {
  const asked = { text: '{ a(b: "#&=é") }\n', variables: '{"x": "+ %"}' };
  expect(fromFragment(`#${toFragment(asked)}`)).toEqual(asked);
  expect(fromFragment("#main")).toBeNull();
});

test("variables are an object", () => {
  expect(readVariables(" ")).toEqual({});
  expect(readVariables('{"a": [1]}')).toEqual({ a: [1] });
  expect(() => readVariables("[1]")).toThrow(/object/);
  expect(() => readVariables("{a: 1}")).toThrow(/no JSON/);
});

test("an error is placed where it says, else at the field of its path", () => {
  const text = "{\n  flow {\n    nane\n  }\n  runs: flow_run { id }\n}";
  const located = placeOfFault(text, { message: "", locations: [{ line: 3, column: 5 }] });
  expect(text.slice(located?.from, located?.to)).toBe("nane");
  const pathed = placeOfFault(text, { message: "", path: ["runs", 0, "id"] });
  expect(text.slice(pathed?.from, pathed?.to)).toBe("id");
  expect(placeOfFault(text, { message: "" })).toBeNull();
  expect(placeOfFault("", { message: "", locations: [{ line: 9, column: 9 }] })).toEqual({ from: 0, to: 0 });
});

test("a question as a command: quotation marks stay inside", () => {
  expect(asCurl("http://h/graphql", `{ a(b: "it's") }`, {}, false)).toBe(
    `curl 'http://h/graphql' \\\n  -H 'content-type: application/json' \\\n  -d '{"query":"{ a(b: \\"it'\\''s\\") }"}'`,
  );
  expect(asCurl("u", "{a}", {}, true)).toContain("$PREFECT__CLOUD__API_KEY");
});

test("a question as a program", () => {
  const program = asPython('{ a(b: """x""") }', { n: null, t: [true, false], s: "é\n" });
  expect(program).toContain('\\"\\"\\"x\\"\\"\\"');
  expect(program).toContain('variables={"n": None, "t": [True, False], "s": "é\\n"}');
});

test("the history has each question once, the newest first, and no end of them", () => {
  const entry = (text: string, at: number) => ({ text, variables: "", at });
  const history = remembering(remembering([], entry("a", 1)), entry("b", 2));
  expect(remembering(history, entry("a", 3)).map(({ text }) => text)).toEqual(["a", "b"]);
  const many = Array.from({ length: 100 }, (_, at) => entry(String(at), at)).reduce(remembering, [] as never[]);
  expect(many.length).toBe(60);
  expect(readHistory('{"no": 1}')).toEqual([]);
  expect(readHistory("[")).toEqual([]);
  expect(readHistory('[{"text": 1}, {"text": "a", "variables": "", "at": 1}]')).toEqual([entry("a", 1)]);
});
