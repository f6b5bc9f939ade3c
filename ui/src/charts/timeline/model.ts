/** What a timeline shows, in columns: task runs, the stretches of time that each spent in a state, log lines. */

import { GROUPS, STATES, type StateName } from "../../api/states";

/** What a task run did during a stretch of time; each is drawn apart. */
export const KINDS = ["waiting", "queued", "running", "retrying", "mapped", "ended"] as const;
export type Kind = (typeof KINDS)[number];

const KIND_OF: Partial<Record<StateName, Kind>> = {
  Pending: "waiting",
  Scheduled: "queued",
  Queued: "queued",
  Submitted: "queued",
  Resume: "queued",
  Paused: "queued",
  Running: "running",
  Cancelling: "running",
  Retrying: "retrying",
  Looped: "retrying",
  Mapped: "mapped",
};

export const STATE_NAMES = Object.keys(STATES) as StateName[];
const closed = new Set<string>(GROUPS.CLOSED);

export function kindOf(state: string): Kind {
  return KIND_OF[state as StateName] ?? (closed.has(state) ? "ended" : "waiting");
}

/** Rows as the API gives them. */
export interface StateEvent {
  readonly task_run_id: string;
  readonly state: string;
  readonly timestamp: string;
  readonly sequence: number;
}

export interface RunEvent {
  readonly id: string;
  readonly name: string | null;
  readonly map_index: number;
  readonly task_id: string;
  readonly first_sequence: number;
}

export interface LogEvent {
  readonly sequence: number;
  readonly timestamp: string;
  readonly level: string | null;
}

/** The stretches of run i are those from `first[i]` to `first[i + 1]`. An open one ends at infinity. */
export interface TimelineData {
  readonly ids: readonly string[];
  readonly names: readonly (string | null)[];
  readonly tasks: readonly string[];
  /** Of each run: the place of its task in `tasks`. */
  readonly task: Int32Array;
  readonly mapIndex: Int32Array;
  /** Of each run: the last state it is known to be in, as a place in STATE_NAMES, and where it began and ended to run. */
  readonly state: Uint8Array;
  readonly started: Float64Array;
  readonly ended: Float64Array;
  readonly attempts: Uint16Array;
  readonly first: Int32Array;
  readonly begin: Float64Array;
  readonly end: Float64Array;
  readonly kind: Uint8Array;
  /** Of each stretch: the state, and the one that came of it, which is the same where none did. */
  readonly during: Uint8Array;
  readonly became: Uint8Array;
  readonly logs: Float64Array;
  /** Of each log line: 0 for what is below a warning, 1 for warnings, 2 for errors. */
  readonly severity: Uint8Array;
  /** The states that the flow run went through. */
  readonly flowStates: readonly { readonly state: string; readonly begin: number; readonly end: number }[];
  /** The extent of everything that is known. */
  readonly from: number;
  readonly to: number;
  readonly isOpen: boolean;
}

/** A moment in milliseconds of the epoch, with the microseconds that are told. */
export function moment(text: string): number {
  const parts = /^(.{19})\.(\d+)(.*)$/.exec(text);
  return parts === null ? Date.parse(text) : Date.parse(`${parts[1]}${parts[3]}`) + Number(`0.${parts[2]}`) * 1000;
}

/** Gathers what happens in a run, in any pieces. */
export class Gatherer {
  private readonly place = new Map<string, number>();
  private readonly taskPlace = new Map<string, number>();
  private readonly runs: RunEvent[] = [];
  private readonly states: { readonly at: number; readonly state: number }[][] = [];
  private readonly early = new Map<string, { readonly at: number; readonly state: number }[]>();
  private readonly tasks: string[] = [];
  private readonly logTimes: number[] = [];
  private readonly logSeverities: number[] = [];
  private readonly flowStates: { readonly state: string; readonly at: number }[] = [];

  addRuns(rows: readonly RunEvent[]): void {
    for (const row of rows) {
      if (this.place.has(row.id)) continue;
      this.place.set(row.id, this.runs.length);
      this.runs.push(row);
      this.states.push(this.early.get(row.id) ?? []);
      this.early.delete(row.id);
      if (!this.taskPlace.has(row.task_id)) {
        this.taskPlace.set(row.task_id, this.tasks.length);
        this.tasks.push(row.task_id);
      }
    }
  }

  addStates(rows: readonly StateEvent[]): void {
    for (const row of rows) {
      const entry = { at: moment(row.timestamp), state: Math.max(0, STATE_NAMES.indexOf(row.state as StateName)) };
      const place = this.place.get(row.task_run_id);
      if (place !== undefined) {
        this.states[place]?.push(entry);
        continue;
      }
      const early = this.early.get(row.task_run_id) ?? [];
      early.push(entry);
      this.early.set(row.task_run_id, early);
    }
  }

  addLogs(rows: readonly LogEvent[]): void {
    for (const row of rows) {
      this.logTimes.push(moment(row.timestamp));
      this.logSeverities.push(row.level === "ERROR" || row.level === "CRITICAL" ? 2 : row.level === "WARNING" ? 1 : 0);
    }
  }

  addFlowStates(rows: readonly { readonly state: string; readonly timestamp: string }[]): void {
    for (const row of rows) this.flowStates.push({ state: row.state, at: moment(row.timestamp) });
  }

  /** Everything so far, as it stood at a moment. */
  data(asOf = Number.POSITIVE_INFINITY): TimelineData {
    const shown: number[] = [];
    let stretches = 0;
    for (let run = 0; run < this.runs.length; run += 1) {
      const states = this.states[run] ?? [];
      if (states.length === 0 || (states[0] as { at: number }).at > asOf) continue;
      shown.push(run);
      stretches += states.length;
    }
    const count = shown.length;
    const data = {
      ids: shown.map((run) => (this.runs[run] as RunEvent).id),
      names: shown.map((run) => (this.runs[run] as RunEvent).name),
      tasks: this.tasks,
      task: Int32Array.from(shown, (run) => this.taskPlace.get((this.runs[run] as RunEvent).task_id) as number),
      mapIndex: Int32Array.from(shown, (run) => (this.runs[run] as RunEvent).map_index),
      state: new Uint8Array(count),
      started: new Float64Array(count).fill(Number.NaN),
      ended: new Float64Array(count).fill(Number.NaN),
      attempts: new Uint16Array(count),
      first: new Int32Array(count + 1),
      begin: new Float64Array(stretches),
      end: new Float64Array(stretches),
      kind: new Uint8Array(stretches),
      during: new Uint8Array(stretches),
      became: new Uint8Array(stretches),
    };
    let from = Number.POSITIVE_INFINITY;
    let to = Number.NEGATIVE_INFINITY;
    let isOpen = false;
    let at = 0;
    shown.forEach((run, place) => {
      data.first[place] = at;
      const states = this.states[run] ?? [];
      for (let index = 0; index < states.length; index += 1) {
        const here = states[index] as { at: number; state: number };
        if (here.at > asOf) break;
        const found = states[index + 1];
        const next = found !== undefined && found.at <= asOf ? found : undefined;
        const kind = kindOf(STATE_NAMES[here.state] as string);
        const isEnd = kind === "ended" && next === undefined;
        data.begin[at] = here.at;
        data.end[at] = next?.at ?? (isEnd ? here.at : Number.POSITIVE_INFINITY);
        data.kind[at] = KINDS.indexOf(kind);
        data.during[at] = here.state;
        data.became[at] = next?.state ?? here.state;
        if (kind === "running") {
          if (Number.isNaN(data.started[place])) data.started[place] = here.at;
          data.attempts[place] = (data.attempts[place] as number) + 1;
        }
        if (kind === "ended") data.ended[place] = here.at;
        else data.ended[place] = Number.NaN;
        if (next === undefined && kind !== "ended") isOpen = true;
        data.state[place] = here.state;
        from = Math.min(from, here.at);
        to = Math.max(to, here.at);
        at += 1;
      }
      data.first[place + 1] = at;
    });
    const flow = this.flowStates.filter((entry) => entry.at <= asOf);
    const flowStates = flow.map(({ state, at: begin }, index) => ({
      state,
      begin,
      end: flow[index + 1]?.at ?? (closed.has(state) ? begin : Number.POSITIVE_INFINITY),
    }));
    for (const { begin } of flowStates) {
      from = Math.min(from, begin);
      to = Math.max(to, begin);
    }
    const last = flowStates.at(-1);
    if (last !== undefined) isOpen = last.end === Number.POSITIVE_INFINITY;
    const lines = this.logTimes.map((_, index) => index).filter((index) => (this.logTimes[index] as number) <= asOf);
    return {
      ...data,
      logs: Float64Array.from(lines, (index) => this.logTimes[index] as number),
      severity: Uint8Array.from(lines, (index) => this.logSeverities[index] as number),
      flowStates,
      from,
      to: Math.max(to, from),
      isOpen,
    };
  }
}

/** A line of the timeline: a task run, or all the children of a mapped task, which open into lines of their own. */
export interface Row {
  readonly kind: "run" | "group" | "child";
  readonly task: number;
  /** The run; that of the mapped task itself for a group, -1 where it has none. */
  readonly run: number;
  readonly members: Int32Array;
}

const NOBODY = new Int32Array(0);

/** The lines, in the order in which tasks began. */
export function rowsOf(data: TimelineData, states: ReadonlySet<string>, opened: ReadonlySet<string>): Row[] {
  const parents = new Int32Array(data.tasks.length).fill(-1);
  const children: number[][] = [];
  const begun = new Float64Array(data.tasks.length).fill(Number.POSITIVE_INFINITY);
  const wanted = Uint8Array.from(STATE_NAMES, (name) => (states.size === 0 || states.has(name) ? 1 : 0));
  for (let run = 0; run < data.ids.length; run += 1) {
    const task = data.task[run] as number;
    if (!wanted[data.state[run] as number]) continue;
    const start = data.started[run] as number;
    const last = (data.first[run + 1] as number) - 1;
    // What only waits comes last.
    const otherwise = data.kind[last] === 0 ? Number.MAX_VALUE : (data.begin[last] as number);
    const at = Number.isNaN(start) ? otherwise : start;
    begun[task] = Math.min(begun[task] as number, at);
    if ((data.mapIndex[run] as number) < 0) parents[task] = run;
    else {
      children[task] ??= [];
      children[task]?.push(run);
    }
  }
  const order = data.tasks
    .map((_, task) => task)
    .filter((task) => begun[task] !== Number.POSITIVE_INFINITY)
    .sort((one, other) => (begun[one] as number) - (begun[other] as number));
  const rows: Row[] = [];
  for (const task of order) {
    const found = children[task];
    const run = parents[task] as number;
    if (found === undefined) {
      rows.push({ kind: "run", task, run, members: NOBODY });
      continue;
    }
    found.sort((one, other) => (data.mapIndex[one] as number) - (data.mapIndex[other] as number));
    rows.push({ kind: "group", task, run, members: Int32Array.from(found) });
    if (opened.has(data.tasks[task] as string))
      for (const child of found) rows.push({ kind: "child", task, run: child, members: NOBODY });
  }
  return rows;
}

/** How many runs ran in each of so many equal parts of what is in view, by the state that came of it. */
export interface Histogram {
  readonly bins: number;
  /** State by state, bin by bin. */
  readonly counts: ReadonlyMap<number, Float32Array>;
  readonly most: number;
}

/** `place` gives where a moment lies, from 0 to 1 for what is in view. */
export function histogramOf(
  data: TimelineData,
  members: ArrayLike<number>,
  bins: number,
  now: number,
  place: (moment: number) => number,
): Histogram {
  const running = KINDS.indexOf("running");
  const ended = KINDS.indexOf("ended");
  const steps = new Map<number, Float32Array>();
  for (let index = 0; index < members.length; index += 1) {
    const run = members[index] as number;
    const last = (data.first[run + 1] as number) - 1;
    for (let at = data.first[run] as number; at <= last; at += 1) {
      const kind = data.kind[at];
      // What ended without having run is there as well, at its moment.
      const isMark = kind === ended && at === last && Number.isNaN(data.started[run]);
      if (kind !== running && !isMark) continue;
      const from = place(data.begin[at] as number);
      const to = place(Math.min(data.end[at] as number, now));
      if (to < 0 || from > 1) continue;
      const state = data.became[at] as number;
      let counts = steps.get(state);
      if (counts === undefined) {
        counts = new Float32Array(bins + 1);
        steps.set(state, counts);
      }
      const begin = Math.max(0, Math.min(bins - 1, Math.floor(from * bins)));
      const end = Math.max(begin, Math.min(bins - 1, Math.floor(to * bins)));
      counts[begin] = (counts[begin] as number) + 1;
      counts[end + 1] = (counts[end + 1] as number) - 1;
    }
  }
  const sums = new Float32Array(bins);
  for (const counts of steps.values()) {
    let here = 0;
    for (let bin = 0; bin < bins; bin += 1) {
      here += counts[bin] as number;
      counts[bin] = here;
      sums[bin] = (sums[bin] as number) + here;
    }
  }
  return { bins, counts: steps, most: Math.max(1, ...sums) };
}

export interface GraphEdge {
  readonly upstream_task_id: string;
  readonly downstream_task_id: string;
  readonly mapped: boolean;
}

/**
 * The runs that the end of the flow run waited for, last first: from what ended last, each time to that of its upstream
 * runs which ended last.
 */
export function criticalPath(data: TimelineData, edges: readonly GraphEdge[]): number[] {
  const taskPlace = new Map(data.tasks.map((id, place) => [id, place]));
  const upstream = new Map<number, { readonly task: number; readonly mapped: boolean }[]>();
  for (const edge of edges) {
    const here = taskPlace.get(edge.downstream_task_id);
    const there = taskPlace.get(edge.upstream_task_id);
    if (here === undefined || there === undefined) continue;
    const known = upstream.get(here) ?? [];
    known.push({ task: there, mapped: edge.mapped });
    upstream.set(here, known);
  }
  const runs: Map<number, number>[] = data.tasks.map(() => new Map());
  for (let run = 0; run < data.ids.length; run += 1)
    runs[data.task[run] as number]?.set(data.mapIndex[run] as number, run);
  const endOf = (run: number) => {
    const end = data.ended[run] as number;
    return Number.isNaN(end) ? Number.POSITIVE_INFINITY : end;
  };
  const ran = (run: number) => !Number.isNaN(data.started[run]);
  const latest = (candidates: Iterable<number>) => {
    let found = -1;
    for (const run of candidates) {
      // A mapped task itself ends with the last of its children, which are what took the time.
      if (found === -1 || endOf(run) > endOf(found) || (endOf(run) === endOf(found) && (data.mapIndex[run] ?? -1) >= 0))
        found = run;
    }
    return found;
  };
  const path: number[] = [];
  const seen = new Set<number>();
  let here = latest(data.ids.map((_, run) => run).filter(ran));
  while (here !== -1 && !seen.has(here)) {
    seen.add(here);
    path.push(here);
    const index = data.mapIndex[here] as number;
    const candidates: number[] = [];
    for (const { task, mapped } of upstream.get(data.task[here] as number) ?? []) {
      const known = runs[task] as Map<number, number>;
      const one = mapped && index >= 0 ? known.get(index) : undefined;
      if (one !== undefined) candidates.push(one);
      else candidates.push(...known.values());
    }
    // What had not ended when this began was not waited for: it belongs to an earlier attempt.
    const begun = data.started[here] as number;
    const before = candidates.filter((run) => Number.isNaN(begun) || endOf(run) <= begun + 1);
    here = latest(before.length > 0 ? before : candidates);
  }
  return path;
}
