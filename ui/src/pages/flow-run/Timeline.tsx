import { Button } from "@mantine/core";
import { type JSX, useEffect, useMemo, useRef, useState } from "react";
import { useAsk } from "../../api/hooks";
import type { Told, Wanted } from "../../charts/timeline/feed.worker";
import { criticalPath, KINDS, type Row, rowsOf, STATE_NAMES, type TimelineData } from "../../charts/timeline/model";
import { scaleOf } from "../../charts/timeline/scale";
import { groupSaid, TimelineChart, type View } from "../../charts/timeline/TimelineChart";
import { useNow } from "../../lib/now";
import { colourOf } from "../../lib/states";
import { clock, duration, utc } from "../../lib/time";
import { useGraph } from "../../parts/graph";
import { Empty, Waiting, Wrong } from "../../parts/Notice";
import { type Column, RowList } from "../../parts/RowList";
import { State } from "../../parts/State";
import type { Changed } from "./FlowRun";
import type { Run } from "./questions";
import type { FlowRunSearch } from "./search";

interface TimelineProps {
  readonly run: Run;
  readonly search: FlowRunSearch;
  readonly change: (changed: Changed) => void;
}

const SEQUENCE = `
query flow_run_sequence($id: uuid!) { flow_run_by_pk(id: $id) { id sequence } }`;

/** Everything that happened in a run, read and gathered beside the page. */
function useFeed(flowRunId: string, asOf: number | null): { data: TimelineData | null; error: string | null } {
  const worker = useRef<Worker | null>(null);
  const [told, setTold] = useState<{ data: TimelineData | null; error: string | null }>({ data: null, error: null });
  const sequence = useAsk<{ readonly flow_run_by_pk: { readonly sequence: number | null } | null }>(SEQUENCE, {
    id: flowRunId,
  }).data?.flow_run_by_pk?.sequence;
  useEffect(() => {
    const started = new Worker(new URL("../../charts/timeline/feed.worker.ts", import.meta.url), { type: "module" });
    started.onmessage = ({ data }: MessageEvent<Told>) =>
      setTold((former) => ("data" in data ? { data: data.data, error: null } : { ...former, error: data.error }));
    started.onerror = () => setTold((former) => ({ ...former, error: "The timeline could not be gathered." }));
    worker.current = started;
    return () => {
      started.terminate();
      worker.current = null;
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is new is read when the run has gone on
  useEffect(() => {
    worker.current?.postMessage({ flowRunId, asOf } satisfies Wanted);
  }, [flowRunId, asOf, sequence]);
  return told;
}

/** Task runs, states and log lines on one axis of time. */
export function Timeline({ run, search, change }: TimelineProps): JSX.Element {
  const asOf = search.as_of === undefined ? null : Date.parse(search.as_of);
  const { data, error } = useFeed(run.id, asOf);
  const { graph, names } = useGraph(run.flow_id);
  if (data === null) {
    return (
      <div className="tab">{error === null ? <Waiting what="the timeline" /> : <Wrong error={new Error(error)} />}</div>
    );
  }
  return (
    <div className="tab">
      {error !== null && <Wrong error={new Error(error)} />}
      {data.ids.length === 0 ? (
        <Empty title="No task has begun yet" />
      ) : (
        <Gathered data={data} names={names} edges={graph?.edges ?? []} asOf={asOf} search={search} change={change} />
      )}
    </div>
  );
}

interface GatheredProps {
  readonly data: TimelineData;
  readonly names: ReadonlyMap<string, string>;
  readonly edges: Parameters<typeof criticalPath>[1];
  readonly asOf: number | null;
  readonly search: FlowRunSearch;
  readonly change: (changed: Changed) => void;
}

const NOBODY: ReadonlySet<number> = new Set();

function Gathered({ data, names, edges, asOf, search, change }: GatheredProps): JSX.Element {
  const clockNow = useNow();
  const now = asOf ?? (data.isOpen ? Math.max(clockNow, data.to) : data.to);
  const compress = search.idle !== "shown";
  const showsPath = search.path !== "hidden";
  const opened = useMemo(() => new Set(search.opened?.split(",") ?? []), [search.opened]);
  const states = useMemo(() => new Set(search.state?.split(",") ?? []), [search.state]);
  const rows = useMemo(() => rowsOf(data, states, opened), [data, states, opened]);
  const scale = useMemo(() => scaleOf(data, now, compress), [data, now, compress]);
  const path = useMemo(() => (showsPath ? new Set(criticalPath(data, edges)) : NOBODY), [data, edges, showsPath]);
  const nameOf = (task: number, of: number) => {
    const own = of < 0 ? null : data.names[of];
    if (own !== null && own !== undefined && own !== "") return own;
    const name = names.get(data.tasks[task] as string) ?? "a task";
    const index = of < 0 ? -1 : (data.mapIndex[of] as number);
    return index >= 0 ? `${name}[${index}]` : name;
  };
  const toggle = (task: number) => {
    const id = data.tasks[task] as string;
    const next = new Set(opened);
    if (!next.delete(id)) next.add(id);
    change({ opened: next.size > 0 ? [...next].join(",") : undefined });
  };
  const select = (of: number) => {
    if (of >= 0) change({ task_run: data.ids[of] });
  };
  const [view, setView] = useView(search, change);
  const isTable = search.view === "table";
  return (
    <>
      <div className="filters timeline-tools">
        <Button onClick={() => change({ view: isTable ? undefined : "table" })} aria-pressed={isTable}>
          {isTable ? "As a picture" : "As a table"}
        </Button>
        {scale.idle.length + (compress ? 0 : 1) > 0 && (
          <Button onClick={() => change({ idle: compress ? "shown" : undefined })} aria-pressed={!compress}>
            {compress ? "Show idle time in full" : "Shorten idle time"}
          </Button>
        )}
        <Button onClick={() => change({ path: showsPath ? "hidden" : undefined })} aria-pressed={showsPath}>
          Critical path
        </Button>
        {view !== null && <Button onClick={() => setView(null)}>Whole run</Button>}
        <Legend />
      </div>
      {rows.length === 0 ? (
        <Empty title="No task run is like that">Change the states above.</Empty>
      ) : isTable ? (
        <Table
          data={data}
          rows={rows}
          now={now}
          path={path}
          nameOf={nameOf}
          selected={search.task_run}
          onOpen={(row) => (row.kind === "group" ? toggle(row.task) : select(row.run))}
        />
      ) : (
        <TimelineChart
          data={data}
          rows={rows}
          scale={scale}
          now={now}
          critical={path}
          selected={search.task_run}
          view={view}
          asOf={asOf}
          nameOf={nameOf}
          isOpened={(task) => opened.has(data.tasks[task] as string)}
          onView={setView}
          onSelect={select}
          onToggle={toggle}
        />
      )}
    </>
  );
}

const SETTLED_MILLISECONDS = 250;

/** What is in view: at once on the screen, and in the address as soon as it has settled. */
function useView(
  search: FlowRunSearch,
  change: (changed: Changed) => void,
): [View | null, (view: View | null) => void] {
  const [view, setView] = useState<View | null>(() => {
    const from = Date.parse(search.from ?? "");
    const to = Date.parse(search.to ?? "");
    return from < to ? { from, to } : null;
  });
  const latest = useRef(change);
  latest.current = change;
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    const timer = setTimeout(() => {
      latest.current({
        from: view === null ? undefined : new Date(Math.floor(view.from)).toISOString(),
        to: view === null ? undefined : new Date(Math.ceil(view.to)).toISOString(),
      });
    }, SETTLED_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [view]);
  return [view, setView];
}

function Legend(): JSX.Element {
  const line = (stroke: string, width: number, dash?: string) => (
    <svg viewBox="0 0 22 10" aria-hidden="true">
      <path d="M0 5h22" stroke={stroke} strokeWidth={width} strokeDasharray={dash} />
    </svg>
  );
  return (
    <div className="timeline-legend">
      <span>{line("var(--line-strong)", 1)} waiting</span>
      <span>{line("var(--ink-faint)", 4, "1 3")} queued</span>
      <span>{line(colourOf("Success"), 8)} running, in the colour of what came of it</span>
      <span>{line(colourOf("Retrying"), 2, "5 3")} waiting to retry</span>
      <span>{line("var(--accent)", 2)} critical path</span>
    </div>
  );
}

interface TableProps {
  readonly data: TimelineData;
  readonly rows: readonly Row[];
  readonly now: number;
  readonly path: ReadonlySet<number>;
  readonly nameOf: (task: number, run: number) => string;
  readonly selected: string | undefined;
  readonly onOpen: (row: Row) => void;
}

/** The same in words and figures. */
function Table({ data, rows, now, path, nameOf, selected, onOpen }: TableProps): JSX.Element {
  const spent = (run: number, kinds: readonly (typeof KINDS)[number][]) => {
    let sum = 0;
    for (let at = data.first[run] as number; at < (data.first[run + 1] as number); at += 1) {
      const kind = KINDS[data.kind[at] as number];
      if (kind !== undefined && kinds.includes(kind))
        sum += Math.min(data.end[at] as number, now) - (data.begin[at] as number);
    }
    return duration(Math.max(0, sum));
  };
  const at = (moment: number | undefined) =>
    moment === undefined || Number.isNaN(moment) ? "–" : <span title={utc(Math.floor(moment))}>{clock(moment)}</span>;
  const ofRun = (row: Row, show: (run: number) => JSX.Element | string) => (row.kind === "group" ? "" : show(row.run));
  const columns: readonly Column<Row>[] = [
    {
      title: "Task run",
      width: "minmax(10rem, 2fr)",
      show: (row) => {
        const name = nameOf(row.task, row.kind === "group" ? -1 : row.run);
        return (
          <span title={row.kind === "group" ? groupSaid(data, row, name) : name}>
            {row.kind === "child" && "\u2003"}
            {name}
            {row.kind === "group" && <span className="soft"> ×{row.members.length.toLocaleString("en")}</span>}
          </span>
        );
      },
    },
    {
      title: "State",
      width: "9rem",
      show: (row) => (row.run < 0 ? "" : <State state={STATE_NAMES[data.state[row.run] as number] ?? null} />),
    },
    {
      title: "Waited",
      width: "5.5rem",
      isNumber: true,
      show: (row) => ofRun(row, (run) => spent(run, ["waiting", "queued"])),
    },
    { title: "Ran", width: "5.5rem", isNumber: true, show: (row) => ofRun(row, (run) => spent(run, ["running"])) },
    {
      title: "Retry waits",
      width: "6rem",
      isNumber: true,
      show: (row) => ofRun(row, (run) => spent(run, ["retrying"])),
    },
    {
      title: "Attempts",
      width: "5rem",
      isNumber: true,
      show: (row) => ofRun(row, (run) => String(data.attempts[run])),
    },
    { title: "From", width: "7rem", show: (row) => ofRun(row, (run) => at(data.started[run]) as JSX.Element) },
    { title: "To", width: "7rem", show: (row) => ofRun(row, (run) => at(data.ended[run]) as JSX.Element) },
    {
      title: "Critical",
      width: "5rem",
      show: (row) => (path.has(row.run) || row.members.some((member) => path.has(member)) ? <b>on the path</b> : ""),
    },
  ];
  return (
    <RowList
      label="Timeline as a table"
      columns={columns}
      rows={rows}
      keyOf={(row) => (row.run >= 0 ? (data.ids[row.run] as string) : `task ${row.task}`)}
      onOpen={onOpen}
      selected={selected}
    />
  );
}
