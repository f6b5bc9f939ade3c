import { Button, Select } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type JSX, useState } from "react";
import { ask } from "../../api/client";
import { useAsk, useLive } from "../../api/hooks";
import { usePaged } from "../../api/pages";
import { countsOf, LISTED, type ListedRun, NEWEST } from "../../api/runs";
import type { Chosen } from "../../lib/bulk";
import { containing } from "../../lib/match";
import { local } from "../../lib/time";
import { Answer, Empty } from "../../parts/Notice";
import { Page } from "../../parts/Page";
import { type Column, type Order, RowList } from "../../parts/RowList";
import { SearchField } from "../../parts/SearchField";
import { State, StateStrip } from "../../parts/State";
import { Duration, Time } from "../../parts/Time";
import { Bulk } from "./Bulk";
import type { FlowRunsSearch, Sort } from "./search";
import "./flow-runs.css";

const RUNS = `
query flow_runs($where: flow_run_bool_exp!, $order: [flow_run_order_by!], $after: String, $limit: Int) {
  rows: flow_run(where: $where, order_by: $order, after: $after, limit: $limit) { cursor version ${LISTED} }
}`;

const COUNTS = `
query flow_run_counts($where: flow_run_bool_exp!) {
  flow_run_aggregate(where: $where, group_by: [state]) { groups { key { state } aggregate { count } } }
  project(order_by: [{name: asc}]) { name }
}`;

interface Counts {
  readonly flow_run_aggregate: Parameters<typeof countsOf>[0];
  readonly project: readonly { readonly name: string }[];
}

type Row = ListedRun & { readonly cursor: string; readonly version: number };

const EVERY = `
query every_flow_run($where: flow_run_bool_exp!, $limit: Int) {
  flow_run(where: $where, order_by: [{scheduled_start_time: desc}], limit: $limit) { id state version }
}`;

// More than these are not chosen at once: each is a change of its own.
const MOST_CHOSEN = 5000;

const COLUMN_OF: Record<Sort, string> = {
  scheduled: "scheduled_start_time",
  started: "start_time",
  ended: "end_time",
  name: "name",
};

const COLUMNS: readonly Column<Row, Sort>[] = [
  { title: "State", width: "8.5rem", show: (run) => <State state={run.state} title={run.state_message} /> },
  {
    title: "Run",
    width: "minmax(8rem, 2fr)",
    sort: "name",
    show: (run) => (
      <Link to="/flow-run/$id" params={{ id: run.id }} className="bare-link" title={run.name ?? run.id}>
        {run.name ?? run.id}
      </Link>
    ),
  },
  {
    title: "Flow",
    width: "minmax(8rem, 2fr)",
    show: (run) => (
      <span title={`${run.flow?.name} in ${run.flow?.project?.name ?? "no project"}`}>
        {run.flow?.name} {run.flow?.project && <span className="faint">in {run.flow.project.name}</span>}
      </span>
    ),
  },
  { title: "Scheduled", width: "9.5rem", sort: "scheduled", show: (run) => <Time at={run.scheduled_start_time} /> },
  { title: "Started", width: "9.5rem", sort: "started", show: (run) => <Time at={run.start_time} /> },
  { title: "Took", width: "6rem", isNumber: true, show: (run) => <Duration from={run.start_time} to={run.end_time} /> },
];

const route = getRouteApi("/flow-runs");

/** Every flow run, by state, name, flow and project. */
export function FlowRuns(): JSX.Element {
  const search = route.useSearch();
  const navigate = useNavigate();
  const change = (changed: { [Key in keyof FlowRunsSearch]: FlowRunsSearch[Key] | undefined }) =>
    void navigate({ to: "/flow-runs", search: { ...search, ...changed } as FlowRunsSearch, replace: true });
  const states = search.state?.split(",") ?? [];
  const others = conditions(search);
  const where = { _and: states.length > 0 ? [...others, { state: { _in: states } }] : others };
  const order: Order<Sort> = { by: search.sort ?? "scheduled", direction: search.direction ?? "desc" };
  const runs = usePaged<Row>(RUNS, { where, order: [{ [COLUMN_OF[order.by]]: `${order.direction}_nulls_last` }] });
  const counts = useAsk<Counts>(COUNTS, { where: { _and: others } });
  useLive(NEWEST);
  const byState = countsOf(counts.data?.flow_run_aggregate);
  const total = byState
    .filter(({ state }) => states.length === 0 || states.includes(state ?? ""))
    .reduce((sum, { count }) => sum + count, 0);
  const isFiltered = states.length > 0 || others.length > 0;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  // Those that were chosen without having been read.
  const [unread, setUnread] = useState<readonly Chosen[]>([]);
  const chosenRuns = [
    ...runs.rows.filter(({ id }) => chosen.has(id)),
    ...unread.filter(({ id }) => chosen.has(id) && !runs.rows.some((run) => run.id === id)),
  ];
  const chooseEvery = async () => {
    const found = await ask<{ readonly flow_run: readonly Chosen[] }>(EVERY, { where, limit: MOST_CHOSEN });
    setUnread(found.flow_run);
    setChosen(new Set(found.flow_run.map(({ id }) => id)));
  };
  return (
    <Page title="Flow runs">
      <div className="filters">
        <SearchField label="Name contains" value={search.name} onChange={(name) => change({ name })} />
        <SearchField label="Flow" value={search.flow} onChange={(flow) => change({ flow })} width="12rem" />
        <Select
          aria-label="Project"
          placeholder="Any project"
          data={[
            ...new Set([
              ...(counts.data?.project ?? []).map(({ name }) => name),
              ...(search.project ? [search.project] : []),
            ]),
          ]}
          value={search.project ?? null}
          onChange={(project) => change({ project: project ?? undefined })}
          clearable
          searchable
        />
        <SearchField label="Label" value={search.label} onChange={(label) => change({ label })} width="8rem" />
        {(search.since !== undefined || search.until !== undefined) && (
          <Button
            onClick={() => change({ since: undefined, until: undefined })}
            rightSection={<span aria-hidden="true">×</span>}
            aria-label={`Due ${spanOf(search)}; press to clear`}
          >
            {spanOf(search)}
          </Button>
        )}
        {isFiltered && (
          <Button variant="subtle" onClick={() => void navigate({ to: "/flow-runs", search: {} })}>
            Clear
          </Button>
        )}
      </div>
      <div className="filters">
        <StateStrip
          label="Runs by state"
          counts={byState}
          chosen={states}
          onChoose={(chosen) => change({ state: chosen.length > 0 ? chosen.join(",") : undefined })}
        />
      </div>
      <Answer of={runs} what="flow runs">
        {(rows) =>
          rows.length === 0 ? (
            isFiltered ? (
              <Empty title="No run is like that">Change what is asked for above, or clear it.</Empty>
            ) : (
              <NoRuns />
            )
          ) : (
            <>
              {chosenRuns.length > 0 && <Bulk runs={chosenRuns} onNone={() => setChosen(new Set())} />}
              {chosenRuns.length === rows.length && total > rows.length && (
                <p className="soft">
                  These are the first {rows.length.toLocaleString("en")} of {total.toLocaleString("en")}.{" "}
                  <Button size="compact-xs" onClick={() => void chooseEvery()}>
                    Choose {total > MOST_CHOSEN ? `the newest ${MOST_CHOSEN.toLocaleString("en")}` : "all of them"}
                  </Button>
                </p>
              )}
              <RowList
                label="Flow runs"
                columns={COLUMNS}
                rows={rows}
                keyOf={(run) => run.id}
                total={total}
                onEnd={runs.more}
                order={order}
                onOrder={({ by, direction }) => change({ sort: by, direction })}
                onOpen={(run) => void navigate({ to: "/flow-run/$id", params: { id: run.id } })}
                chosen={chosen}
                onChoose={setChosen}
              />
            </>
          )
        }
      </Answer>
    </Page>
  );
}

function conditions(search: FlowRunsSearch): object[] {
  const found: object[] = [];
  if (search.name !== undefined) found.push({ name: { _ilike: containing(search.name) } });
  if (search.flow !== undefined) found.push({ flow: { name: { _ilike: containing(search.flow) } } });
  if (search.project !== undefined) found.push({ flow: { project: { name: { _eq: search.project } } } });
  if (search.label !== undefined) found.push({ labels: { _has_key: search.label } });
  if (search.since !== undefined) found.push({ scheduled_start_time: { _gte: search.since } });
  if (search.until !== undefined) found.push({ scheduled_start_time: { _lt: search.until } });
  return found;
}

/** The time that runs are asked for, in words. */
function spanOf({ since, until }: FlowRunsSearch): string {
  const said = (moment: string) => local(Date.parse(moment), Date.now());
  if (since === undefined) return `before ${said(until ?? "")}`;
  return until === undefined ? `since ${said(since)}` : `${said(since)} to ${said(until)}`;
}

/** Nothing has run yet: how to change that. */
export function NoRuns(): JSX.Element {
  return (
    <Empty title="No run is recorded yet">
      <p>Run a flow so that it is recorded, and it appears here while it runs:</p>
      <pre>{"from prefect.backend import run_flow\n\nrun_flow(flow)"}</pre>
    </Empty>
  );
}
