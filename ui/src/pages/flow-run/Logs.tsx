import { Button, Select } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type JSX, useEffect, useRef, useState } from "react";
import { ask } from "../../api/client";
import { useAsk } from "../../api/hooks";
import { useWindows } from "../../api/windows";
import { partsOf, plain } from "../../lib/ansi";
import { download } from "../../lib/download";
import { useKeys } from "../../lib/keys";
import { isOneOf } from "../../lib/states";
import { clock, utc } from "../../lib/time";
import { Answer, Empty, Wrong } from "../../parts/Notice";
import { SearchField } from "../../parts/SearchField";
import { LOG_COUNT, LOGS, type LogLine, type Run, TASK_RUNS_IN } from "./questions";
import { type FlowRunSearch, LEVELS, type Level } from "./search";

/** What of an address the log lines depend on. */
export type LogSearch = { readonly [Key in LogKey]?: FlowRunSearch[Key] | undefined };
type LogKey = "task_run" | "state" | "log" | "level" | "line" | "as_of";

interface LogsProps {
  readonly run: Pick<Run, "id" | "name" | "state">;
  readonly search: LogSearch;
  readonly change: (changed: LogSearch) => void;
}

// A line knows its task run by id alone: so many of them are asked for by name.
const MOST_TASK_RUNS = 2000;

interface Counted {
  readonly log_aggregate: { readonly aggregate: { readonly count: number } };
  readonly before: { readonly aggregate: { readonly count: number } };
}

/** The log lines of a run, searched and filtered by the server. */
export function Logs({ run, search, change }: LogsProps): JSX.Element {
  const ofStates = search.task_run === undefined && search.state !== undefined;
  const tasks = useAsk<{ readonly task_run: readonly { readonly id: string }[] }>(
    TASK_RUNS_IN,
    { id: run.id, states: search.state?.split(",") ?? [], limit: MOST_TASK_RUNS, as_of: search.as_of ?? null },
    { enabled: ofStates },
  );
  const conditions = conditionsOf(run.id, search);
  if (ofStates) conditions.push({ task_run_id: { _in: (tasks.data?.task_run ?? []).map(({ id }) => id) } });
  const line = Number(search.line ?? 0) || 0;
  const asked = { where: { _and: conditions }, search: search.log ?? null, as_of: search.as_of ?? null };
  const count = useAsk<Counted>(LOG_COUNT, {
    ...asked,
    before: { _and: [...conditions, { sequence: { _lt: line } }] },
  });
  const isFiltered = search.log !== undefined || search.level !== undefined || search.task_run !== undefined;
  return (
    <div className="tab">
      <div className="filters">
        <SearchField
          label="Words in log lines"
          value={search.log}
          onChange={(log) => change({ log, line: undefined })}
          width="18rem"
        />
        <Select
          aria-label="Lowest level"
          placeholder="Every level"
          data={LEVELS.map((level) => ({ value: level, label: `${level} and above` }))}
          value={search.level ?? null}
          onChange={(level) => change({ level: (level as Level | null) ?? undefined, line: undefined })}
          clearable
        />
        {search.task_run !== undefined && <span className="soft">of the selected task run</span>}
        {ofStates && (
          <span className="soft">
            of {tasks.data?.task_run.length === MOST_TASK_RUNS && `the first ${MOST_TASK_RUNS} `}task runs that are{" "}
            {search.state?.replaceAll(",", " or ")}
          </span>
        )}
      </div>
      <Answer of={count} what="log lines">
        {({ log_aggregate, before }) => {
          const total = log_aggregate.aggregate.count;
          if (total === 0) {
            return isFiltered || search.state !== undefined ? (
              <Empty title="No line is like that">Change what is asked for above, or select no task run.</Empty>
            ) : (
              <Empty title="Nothing has been logged" />
            );
          }
          return (
            <Lines
              key={JSON.stringify(asked)}
              run={run}
              variables={asked}
              total={total}
              goTo={line > 0 ? before.aggregate.count : null}
              line={line}
              change={change}
            />
          );
        }}
      </Answer>
    </div>
  );
}

function conditionsOf(id: string, search: LogSearch): object[] {
  const conditions: object[] = [{ flow_run_id: { _eq: id } }];
  if (search.level !== undefined) conditions.push({ level: { _in: LEVELS.slice(LEVELS.indexOf(search.level)) } });
  if (search.task_run !== undefined) conditions.push({ task_run_id: { _eq: search.task_run } });
  return conditions;
}

const LINE_PIXELS = 20;
const LINES_BEYOND = 30;
// This near to its end a list counts as being at it.
const END_PIXELS = 40;

interface LinesProps {
  readonly run: Pick<Run, "id" | "name" | "state">;
  readonly variables: { readonly where: object; readonly search: string | null; readonly as_of: string | null };
  readonly total: number;
  /** The place of the line that a link leads to. */
  readonly goTo: number | null;
  readonly line: number;
  readonly change: (changed: LogSearch) => void;
}

function Lines({ run, variables, total, goTo, line, change }: LinesProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(goTo === null && !isOneOf(run.state, "CLOSED"));
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const [downloading, setDownloading] = useState<string | null>(null);
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PIXELS,
    overscan: LINES_BEYOND,
    initialOffset: goTo === null ? 0 : Math.max(0, goTo - 5) * LINE_PIXELS,
  });
  const shown = virtual.getVirtualItems();
  const { rowAt, error } = useWindows<LogLine>(LOGS, variables, total, shown[0]?.index ?? 0, shown.at(-1)?.index ?? -1);
  useEffect(() => {
    if (following) virtual.scrollToIndex(total - 1, { align: "end" });
  }, [following, total, virtual]);
  useEffect(() => {
    if (goTo !== null) virtual.scrollToIndex(goTo, { align: "center" });
  }, [goTo, virtual]);
  useKeys("Logs", [{ keys: "f", says: "follow the end, or stop", run: () => setFollowing(!following) }]);
  const save = async () => {
    setDownloading("0 %");
    const parts: string[] = [];
    try {
      for (let offset = 0; offset < total; offset += DOWNLOADED_AT_ONCE) {
        const { rows } = await ask<{ readonly rows: readonly LogLine[] }>(LOGS, {
          ...variables,
          offset,
          limit: DOWNLOADED_AT_ONCE,
        });
        for (const row of rows)
          parts.push(`${row.timestamp} ${row.level ?? ""} ${row.name ?? ""}: ${plain(row.message ?? "")}\n`);
        setDownloading(`${Math.round((100 * Math.min(total, offset + DOWNLOADED_AT_ONCE)) / total)} %`);
      }
      download(`${run.name ?? run.id}.log`, parts);
    } finally {
      setDownloading(null);
    }
  };
  const toggle = (sequence: number) => {
    const next = new Set(unfolded);
    if (!next.delete(sequence)) next.add(sequence);
    setUnfolded(next);
  };
  return (
    <>
      <div className="log-tools">
        <span className="soft">
          {total.toLocaleString("en")} {total === 1 ? "line" : "lines"}
        </span>
        <button type="button" className="text-button" aria-pressed={following} onClick={() => setFollowing(!following)}>
          {following ? "following the end" : "follow the end"}
        </button>
        <Button size="compact-xs" loading={downloading !== null} onClick={() => void save()}>
          Download
        </Button>
        {downloading}
      </div>
      {error !== null && <Wrong error={error} />}
      <div
        ref={scroller}
        className="log"
        role="log"
        aria-live="off"
        aria-label="Log lines"
        tabIndex={0}
        onWheel={(event) => {
          if (event.deltaY < 0) setFollowing(false);
        }}
        onKeyDown={(event) => {
          if (["ArrowUp", "PageUp", "Home"].includes(event.key)) setFollowing(false);
        }}
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          if (following && scrollHeight - scrollTop - clientHeight > 20 * END_PIXELS) setFollowing(false);
        }}
      >
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {shown.map(({ index, start, key }) => {
            const row = rowAt(index);
            return (
              <div
                key={key}
                data-index={index}
                ref={virtual.measureElement}
                className="log-line"
                data-level={row?.level}
                data-linked={row !== undefined && row.sequence === line}
                style={{ transform: `translateY(${start}px)` }}
              >
                {row !== undefined && (
                  <Line
                    row={row}
                    isUnfolded={unfolded.has(row.sequence)}
                    onToggle={() => toggle(row.sequence)}
                    onLink={() => change({ line: String(row.sequence) })}
                    onTask={() => change({ task_run: row.task_run_id ?? undefined })}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}

const DOWNLOADED_AT_ONCE = 5000;

interface LineProps {
  readonly row: LogLine;
  readonly isUnfolded: boolean;
  readonly onToggle: () => void;
  readonly onLink: () => void;
  readonly onTask: () => void;
}

// More lines of one message than this are folded.
const UNFOLDED_LINES = 1;

function Line({ row, isUnfolded, onToggle, onLink, onTask }: LineProps): JSX.Element {
  const message = row.message ?? "";
  const lines = message.split("\n");
  const rest = lines.length - UNFOLDED_LINES;
  const text = isUnfolded ? message : lines.slice(0, UNFOLDED_LINES).join("\n");
  const moment = Date.parse(row.timestamp);
  return (
    <>
      <button type="button" className="log-time" title={`${utc(moment)}: link to this line`} onClick={onLink}>
        {clock(moment)}
      </button>
      <span className="log-level">{row.level}</span>
      <span className="log-text">
        {partsOf(text).map((part, index) =>
          part.classes === "" ? (
            part.text
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: parts have nothing else to be told apart by
            <span key={index} className={part.classes}>
              {part.text}
            </span>
          ),
        )}
        {rest > 0 && (
          <button type="button" className="log-fold" aria-expanded={isUnfolded} onClick={onToggle}>
            {isUnfolded ? "fold" : `${rest} more ${rest === 1 ? "line" : "lines"}`}
          </button>
        )}
      </span>
      {row.task_run_id !== null && (
        <button type="button" className="log-task" title="Select the task run of this line" onClick={onTask}>
          {(row.name ?? "").replace(/^prefect\./, "")}
        </button>
      )}
    </>
  );
}
