/** Reads what happened in a run beside the page, and from then on only what is new. */

import { ask } from "../../api/client";
import { Gatherer, type LogEvent, type RunEvent, type StateEvent, type TimelineData } from "./model";

export interface Wanted {
  readonly flowRunId: string;
  /** The moment as of which it is shown, in milliseconds of the epoch; null for now. */
  readonly asOf: number | null;
}

export type Told = { readonly data: TimelineData } | { readonly error: string };

const AT_ONCE = 20_000;

const RUNS = `
query timeline_runs($run: uuid!, $after: bigint!, $limit: Int) {
  rows: task_run(where: {flow_run_id: {_eq: $run}, first_sequence: {_gt: $after}},
    order_by: [{first_sequence: asc}], limit: $limit) { id name map_index task_id sequence: first_sequence }
}`;
const STATES = `
query timeline_states($run: uuid!, $after: bigint!, $limit: Int) {
  rows: task_run_state(where: {flow_run_id: {_eq: $run}, sequence: {_gt: $after}},
    order_by: [{sequence: asc}], limit: $limit) { task_run_id state timestamp sequence }
}`;
const FLOW_STATES = `
query timeline_flow_states($run: uuid!, $after: bigint!, $limit: Int) {
  rows: flow_run_state(where: {flow_run_id: {_eq: $run}, sequence: {_gt: $after}},
    order_by: [{sequence: asc}], limit: $limit) { state timestamp sequence }
}`;
const LOGS = `
query timeline_logs($run: uuid!, $after: bigint!, $limit: Int) {
  rows: log(where: {flow_run_id: {_eq: $run}, sequence: {_gt: $after}},
    order_by: [{sequence: asc}], limit: $limit) { sequence timestamp level }
}`;

let gatherer = new Gatherer();
let run = "";
let asOf: number | null = null;
let isBusy = false;
let isWanted = false;
const after = new Map<string, number>();

async function read<Row extends { readonly sequence: number }>(
  document: string,
  add: (rows: readonly Row[]) => void,
): Promise<void> {
  const of = run;
  for (;;) {
    const { rows } = await ask<{ readonly rows: readonly Row[] }>(document, {
      run: of,
      after: after.get(document) ?? 0,
      limit: AT_ONCE,
    });
    if (of !== run) return;
    add(rows);
    const last = rows.at(-1);
    if (last !== undefined) after.set(document, last.sequence);
    if (rows.length < AT_ONCE) return;
  }
}

function tell(): void {
  const data = gatherer.data(asOf ?? Number.POSITIVE_INFINITY);
  const buffers = Object.values(data).flatMap((value) => (ArrayBuffer.isView(value) ? [value.buffer] : []));
  self.postMessage({ data } satisfies Told, { transfer: [...new Set(buffers)] as Transferable[] });
}

async function refresh(): Promise<void> {
  if (isBusy) {
    isWanted = true;
    return;
  }
  isBusy = true;
  try {
    do {
      isWanted = false;
      const into = gatherer;
      await Promise.all([
        read<Omit<RunEvent, "first_sequence"> & { readonly sequence: number }>(RUNS, (rows) =>
          into.addRuns(rows.map((row) => ({ ...row, first_sequence: row.sequence }))),
        ),
        read<StateEvent>(STATES, (rows) => into.addStates(rows)),
        read<{ readonly state: string; readonly timestamp: string; readonly sequence: number }>(FLOW_STATES, (rows) =>
          into.addFlowStates(rows),
        ),
        read<LogEvent>(LOGS, (rows) => into.addLogs(rows)),
      ]);
      tell();
    } while (isWanted);
  } catch (error) {
    self.postMessage({ error: error instanceof Error ? error.message : String(error) } satisfies Told);
  } finally {
    isBusy = false;
  }
}

self.onmessage = ({ data }: MessageEvent<Wanted>) => {
  const isOther = data.flowRunId !== run;
  const isMoved = data.asOf !== asOf;
  asOf = data.asOf;
  if (isOther) {
    run = data.flowRunId;
    gatherer = new Gatherer();
    after.clear();
  } else if (isMoved && !isBusy) {
    tell();
    return;
  }
  void refresh();
};
