import { acceptCompletion } from "@codemirror/autocomplete";
import { json } from "@codemirror/lang-json";
import type { Diagnostic } from "@codemirror/lint";
import { type EditorView, keymap } from "@codemirror/view";
import { Button, Menu, Select } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { graphql, updateSchema } from "cm6-graphql";
import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery, type IntrospectionQuery } from "graphql";
import { type JSX, lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { API, ApiError } from "../../api/client";
import { queryClient, useAsk, useFreshness } from "../../api/hooks";
import { live } from "../../api/live";
import { useReasonAgainst, useSession } from "../../api/session";
import type { Json } from "../../api/tables";
import { copyText } from "../../lib/copy";
import { useKeys } from "../../lib/keys";
import { remember, remembered } from "../../lib/storage";
import { duration } from "../../lib/time";
import { Dialog } from "../../parts/Dialog";
import { named } from "../../parts/Help";
import { Waiting, Wrong } from "../../parts/Notice";
import { Page } from "../../parts/Page";
import { Ago } from "../../parts/Time";
import { askAll, type Question, type Reply } from "./ask";
import { Docs, type Looked } from "./Docs";
import {
  alone,
  asCurl,
  asPython,
  type Entry,
  type Fault,
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
import { Editor } from "./Editor";
import "./console.css";

// Laying out SQL takes a large library.
const Explanation = lazy(async () => ({ default: (await import("./Explanation")).Explanation }));

const HISTORY = "console.history";
const MOST_ANSWERS = 200;

const FIRST = `# The runs that failed last, each with its flow. Ctrl-Enter asks, Ctrl-Space completes.
query failed_runs($limit: Int) {
  flow_run(where: {state: {_eq: "Failed"}}, order_by: {start_time: desc}, limit: $limit) {
    name
    start_time
    state_message
    flow { name }
  }
}
`;

/** A reply to a question, or the answers of a subscription as far as they have come. */
type Shown =
  | { readonly kind: "nothing" }
  | { readonly kind: "asking" }
  | { readonly kind: "reply"; readonly reply: Reply }
  | { readonly kind: "stream"; readonly answers: readonly string[]; readonly count: number; readonly isOpen: boolean }
  | { readonly kind: "failure"; readonly error: Error };

/** Asks anything of the API: with completion, documentation, history, subscriptions, and how it would be answered. */
export function Console(): JSX.Element {
  const first = useMemo(opening, []);
  const [text, setText] = useState(first.text);
  const [variables, setVariables] = useState(first.variables);
  const [chosen, setChosen] = useState<string | null>(null);
  const [shown, setShown] = useState<Shown>({ kind: "nothing" });
  const [faults, setFaults] = useState<readonly Diagnostic[]>([]);
  const [history, setHistory] = useState<readonly Entry[]>(() => readHistory(remembered(HISTORY)));
  const [hasDocs, setHasDocs] = useState(true);
  const [trail, setTrail] = useState<readonly Looked[]>([]);
  const [said, setSaid] = useState("");
  const [offered, setOffered] = useState<string | null>(null);
  const editor = useRef<EditorView | null>(null);
  const stop = useRef<(() => void) | null>(null);
  const asking = useRef<AbortController | null>(null);
  const navigate = useNavigate();
  const session = useSession().data;
  const notExplained = useReasonAgainst("admin");
  const { freshness } = useFreshness();
  const introspected = useAsk<IntrospectionQuery>(getIntrospectionQuery(), {}, { fixed: true });
  const schema = useMemo<GraphQLSchema | null>(
    () => (introspected.data === undefined ? null : buildClientSchema(introspected.data)),
    [introspected.data],
  );
  const operations = useMemo(() => operationsOf(text), [text]);

  useEffect(() => {
    if (schema !== null && editor.current !== null) updateSchema(editor.current, schema);
  }, [schema]);
  useEffect(
    () => () => {
      stop.current?.();
      asking.current?.abort();
    },
    [],
  );
  useEffect(() => {
    const follow = () => {
      const linked = fromFragment(location.hash);
      if (linked === null) return;
      setText(linked.text);
      setVariables(linked.variables);
    };
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);

  const end = () => {
    stop.current?.();
    stop.current = null;
    asking.current?.abort();
    asking.current = null;
  };

  const keep = () => {
    const entry = { ...keepable(text, variables), at: Date.now() };
    const next = remembering(readHistory(remembered(HISTORY)), entry);
    setHistory(next);
    remember(HISTORY, JSON.stringify(next));
  };

  /** What is to be asked: the chosen operation, else the one at the cursor. */
  const question = (): (Question & { readonly kind: string }) | null => {
    let given: Record<string, Json>;
    try {
      given = readVariables(variables);
    } catch (error) {
      setShown({ kind: "failure", error: error as Error });
      return null;
    }
    const place = editor.current?.state.selection.main.head ?? 0;
    const operation =
      operations.find(({ name }) => name !== undefined && name === chosen) ?? operationAt(operations, place);
    return { text, variables: given, operation: operation?.name, kind: operation?.kind ?? "query" };
  };

  const place = (found: readonly Fault[]) =>
    setFaults(
      found.flatMap((fault) => {
        const at = placeOfFault(text, fault);
        return at === null ? [] : [{ ...at, severity: "error" as const, message: fault.message, source: "server" }];
      }),
    );

  const run = async (explain: boolean) => {
    end();
    setSaid("");
    const asked = question();
    if (asked === null) return;
    setFaults([]);
    keep();
    if (asked.kind === "subscription" && !explain) {
      follow(asked);
      return;
    }
    const controller = new AbortController();
    asking.current = controller;
    setShown({ kind: "asking" });
    try {
      const reply = await askAll(asked, explain, controller.signal);
      if (controller.signal.aborted) return;
      place(reply.faults);
      setShown({ kind: "reply", reply });
      // What the other pages show may have been changed.
      if (asked.kind === "mutation") void queryClient.invalidateQueries();
    } catch (error) {
      if (controller.signal.aborted) return;
      setShown({ kind: "failure", error: error instanceof Error ? error : new Error(String(error)) });
    }
  };

  const follow = (asked: Question) => {
    const begun: Shown = { kind: "stream", answers: [], count: 0, isOpen: true };
    setShown(begun);
    stop.current = live.follow({
      document: alone(asked.text, asked.operation),
      variables: asked.variables,
      onData: (data) =>
        setShown((now) =>
          now.kind === "stream" && now.isOpen
            ? {
                ...now,
                count: now.count + 1,
                answers: [...now.answers, JSON.stringify({ data }, null, 2)].slice(-MOST_ANSWERS),
              }
            : now,
        ),
      onRefusal: (error) => {
        place([{ message: error.message }]);
        setShown({ kind: "failure", error });
      },
    });
  };

  const halt = () => {
    end();
    setShown((now) => (now.kind === "stream" ? { ...now, isOpen: false } : { kind: "nothing" }));
  };

  const copy = async (what: string, made: string) => {
    if (await copyText(made)) setSaid(`${what} copied.`);
    else setOffered(made);
  };

  const share = async () => {
    const kept = keepable(text, variables);
    await navigate({ to: "/console", hash: toFragment(kept), replace: true });
    const isWhole = kept.text === text && kept.variables === variables;
    await copy(isWhole ? "The address" : "The address, without the values of a mutation,", location.href);
  };

  const isOpen = shown.kind === "asking" || (shown.kind === "stream" && shown.isOpen);
  const isRunning = shown.kind === "asking" || (shown.kind === "stream" && shown.isOpen && freshness !== "ended");
  useKeys("API console", [
    { keys: "mod+enter", says: "ask", run: () => void run(false), whileTyping: true },
    { keys: "x", says: "explain: how it would be answered", run: () => void run(true) },
    { keys: "d", says: "documentation", run: () => setHasDocs((now) => !now) },
    { keys: "i", says: "write the question", run: () => editor.current?.focus() },
  ]);
  const latestRun = useRef(run);
  latestRun.current = run;
  const asks = () => {
    void latestRun.current(false);
    return true;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what a key does is looked up when it is pressed
  const writing = useMemo(
    () => [
      keymap.of([
        { key: "Mod-Enter", run: asks },
        { key: "Tab", run: acceptCompletion },
      ]),
      graphql(undefined, {
        onShowInDocs: (field, type, parentType) => {
          const looked = parentType ?? type;
          if (looked === undefined) return;
          setHasDocs(true);
          setTrail([{ type: looked.replace(/[[\]!]/g, ""), field }]);
        },
        onCompletionInfoRender: (item) => described(item.documentation ?? undefined),
      }),
    ],
    [],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same
  const writingVariables = useMemo(() => [keymap.of([{ key: "Mod-Enter", run: asks }]), json()], []);
  const names = operations.flatMap(({ name }) => (name === undefined ? [] : [name]));
  return (
    <Page
      title="API console"
      tools={
        <>
          <span role="status" className="soft">
            {said}
          </span>
          {names.length > 1 && (
            <Select
              aria-label="Operation"
              placeholder="The one at the cursor"
              data={[...new Set(names)]}
              value={chosen !== null && names.includes(chosen) ? chosen : null}
              onChange={setChosen}
              clearable
              w="12rem"
            />
          )}
          {isRunning ? (
            <Button variant="filled" onClick={halt}>
              Stop
            </Button>
          ) : (
            <Button variant="filled" onClick={() => void run(false)} title={named("mod+enter")}>
              Ask
            </Button>
          )}
          <Button
            onClick={() => {
              if (notExplained === null) void run(true);
            }}
            {...(notExplained === null ? {} : { "aria-disabled": true, "data-disabled": true })}
            title={notExplained ?? "The SQL, its cost and its plan; nothing is carried out"}
          >
            Explain
          </Button>
          <Button onClick={() => setText(pretty(text))}>Tidy</Button>
          <PastQuestions
            history={history}
            onChoose={(entry) => {
              setText(entry.text);
              setVariables(entry.variables);
            }}
            onClear={() => {
              setHistory([]);
              remember(HISTORY, "[]");
            }}
          />
          <Menu position="bottom-end" withinPortal={false}>
            <Menu.Target>
              <Button rightSection={<span aria-hidden="true">▾</span>}>Copy as</Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                onClick={() => {
                  const asked = question();
                  const url = `${location.origin}${API}`;
                  if (asked !== null) {
                    const made = asCurl(url, text, asked.variables, session?.requires_keys === true);
                    void copy("The command", made);
                  }
                }}
              >
                curl
              </Menu.Item>
              <Menu.Item
                onClick={() => {
                  const asked = question();
                  if (asked !== null) void copy("The program", asPython(text, asked.variables));
                }}
              >
                Python
              </Menu.Item>
              <Menu.Item onClick={() => void share()}>an address to share</Menu.Item>
            </Menu.Dropdown>
          </Menu>
          <Button aria-pressed={hasDocs} onClick={() => setHasDocs(!hasDocs)}>
            Docs
          </Button>
        </>
      }
    >
      <div className="console" data-docs={hasDocs}>
        <section className="console-question" aria-label="Question">
          <Editor
            label="Question in GraphQL"
            value={text}
            onChange={setText}
            extensions={writing}
            faults={faults}
            view={editor}
          />
        </section>
        <section className="console-variables" aria-label="Variables">
          <h2 className="console-title">Variables, as JSON</h2>
          <Editor label="Variables in JSON" value={variables} onChange={setVariables} extensions={writingVariables} />
        </section>
        <section className="console-answer" aria-label="Answer" aria-busy={isOpen || undefined}>
          <AnswerView shown={shown} />
        </section>
        {hasDocs &&
          (schema === null ? (
            introspected.error === null ? (
              <Waiting what="the schema" />
            ) : (
              <Wrong error={introspected.error} onRetry={() => void introspected.refetch()} />
            )
          ) : (
            <Docs schema={schema} trail={trail} onTrail={setTrail} />
          ))}
      </div>
      {offered !== null && (
        <Dialog title="Copy this" size="lg" onClose={() => setOffered(null)}>
          <p className="soft">The browser lets a page copy only over TLS or on this machine: select it and copy.</p>
          <pre className="console-offered">{offered}</pre>
        </Dialog>
      )}
    </Page>
  );
}

/** What the console begins with: what the address says, else what was asked last, else an example. */
function opening(): { readonly text: string; readonly variables: string } {
  const linked = fromFragment(location.hash);
  if (linked !== null) return linked;
  const [last] = readHistory(remembered(HISTORY));
  return last ?? { text: FIRST, variables: '{\n  "limit": 5\n}' };
}

function described(text: string | undefined): Node | null {
  if (text === undefined || text === "") return null;
  const place = document.createElement("div");
  place.textContent = text;
  return place;
}

interface PastQuestionsProps {
  readonly history: readonly Entry[];
  readonly onChoose: (entry: Entry) => void;
  readonly onClear: () => void;
}

/** What was asked before, in this browser. */
function PastQuestions({ history, onChoose, onClear }: PastQuestionsProps): JSX.Element {
  return (
    <Menu position="bottom-end" width={460} withinPortal={false}>
      <Menu.Target>
        <Button rightSection={<span aria-hidden="true">▾</span>}>History</Button>
      </Menu.Target>
      <Menu.Dropdown className="console-history">
        {history.length === 0 && <Menu.Label>Nothing was asked yet in this browser.</Menu.Label>}
        {history.map((entry) => (
          <Menu.Item key={`${entry.at} ${entry.text}`} onClick={() => onChoose(entry)}>
            <span className="console-entry">
              <code className="clip">
                {entry.text
                  .replace(/^\s*#.*$/gm, "")
                  .replace(/\s+/g, " ")
                  .trim()}
              </code>
              <span className="faint">
                <Ago at={new Date(entry.at).toISOString()} />
              </span>
            </span>
          </Menu.Item>
        ))}
        {history.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={onClear}>Forget all</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

const READING = [json()];

function AnswerView({ shown }: { readonly shown: Shown }): JSX.Element {
  const [back, setBack] = useState(0);
  const many = shown.kind === "stream" ? shown.answers.length : 0;
  useEffect(() => {
    if (many === 0) setBack(0);
  }, [many]);
  switch (shown.kind) {
    case "nothing":
      return (
        <p className="console-hint soft">
          The answer comes here. <kbd className="key">{named("mod+enter")}</kbd> asks,{" "}
          <kbd className="key">Ctrl Space</kbd> completes; <kbd className="key">?</kbd>, outside of the text, lists all
          keys.
        </p>
      );
    case "asking":
      return <Waiting what="the answer" />;
    case "failure":
      return <Failure error={shown.error} />;
    case "reply": {
      const { reply } = shown;
      if (reply.explained !== null) {
        return (
          <Suspense fallback={<Waiting what="the explanation" />}>
            <Explanation reply={reply} />
          </Suspense>
        );
      }
      return (
        <>
          <div className="console-bar" role="status">
            {reply.faults.length > 0 ? (
              <b className="console-bad">
                {reply.faults.length === 1 ? "refused" : `${reply.faults.length} errors`}
                {reply.faults[0]?.extensions?.code !== undefined && ` · ${reply.faults[0].extensions.code}`}
              </b>
            ) : (
              <b>answered</b>
            )}
            <span>{duration(reply.milliseconds)}</span>
            <span>{size(reply.bytes)}</span>
            {reply.cost !== null && <span>cost {reply.cost.toLocaleString("en")}</span>}
          </div>
          {reply.faults.map((fault) => (
            <p key={fault.message} className="console-fault">
              {fault.message}
            </p>
          ))}
          <Editor label="Answer in JSON" value={reply.shown} extensions={READING} isReadOnly />
        </>
      );
    }
    case "stream": {
      const at = Math.max(0, many - 1 - back);
      return (
        <>
          <div className="console-bar" role="status">
            <b>{shown.isOpen ? "following" : "stopped"}</b>
            <span>{shown.count === 1 ? "1 answer" : `${shown.count.toLocaleString("en")} answers`}</span>
            {many > 1 && (
              <span className="console-steps">
                <Button size="compact-xs" disabled={at === 0} onClick={() => setBack(back + 1)}>
                  Before
                </Button>
                <Button size="compact-xs" disabled={back === 0} onClick={() => setBack(Math.max(0, back - 1))}>
                  After
                </Button>
                {back === 0 ? "the last" : `${back} before the last`}
              </span>
            )}
          </div>
          {many === 0 ? (
            <Waiting what="the first answer" />
          ) : (
            <Editor label="Answer in JSON" value={shown.answers[at] ?? ""} extensions={READING} isReadOnly />
          )}
        </>
      );
    }
  }
}

function Failure({ error }: { readonly error: Error }): JSX.Element {
  if (error instanceof ApiError && error.isUnreachable) return <Wrong error={error} />;
  return (
    <div className="notice" data-kind="error" role="alert">
      <div className="notice-title">This could not be asked</div>
      <div>{error.message}</div>
    </div>
  );
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
