import { Button, SegmentedControl, Select, Switch } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { JSX } from "react";
import { useAsk, useLive } from "../../api/hooks";
import { usePaged } from "../../api/pages";
import { NEWEST } from "../../api/runs";
import { GROUPS } from "../../api/states";
import type { FlowGroupRow, FlowRow, FlowRunRow } from "../../api/tables";
import { containing } from "../../lib/match";
import { useNow } from "../../lib/now";
import { scheduleWords } from "../../lib/schedule";
import { Answer, Empty } from "../../parts/Notice";
import { Page } from "../../parts/Page";
import { type Column, type Order, RowList } from "../../parts/RowList";
import { SearchField } from "../../parts/SearchField";
import { StateShape } from "../../parts/State";
import { Ago, Time } from "../../parts/Time";
import { type FlowsSearch, SCHEDULES, type ScheduleFilter, type Sort } from "./search";
import "./flows.css";

const RUNS_SHOWN = 12;
// Runs of the newest versions are shown together: who registers a flow again still sees how it went before.
const VERSIONS_LOOKED_AT = 3;

const FLOWS = `
query flows($where: flow_bool_exp!, $order: [flow_order_by!], $waiting: [String!]!, $now: timestamptz!, $after: String, $limit: Int) {
  rows: flow(where: $where, order_by: $order, after: $after, limit: $limit) {
    cursor id name version archived created schedule is_schedule_active project { name }
    flow_group {
      schedule
      flows(order_by: [{version: desc}], limit: ${VERSIONS_LOOKED_AT}) {
        flow_runs(where: {state: {_nin: $waiting}}, order_by: [{scheduled_start_time: desc}], limit: ${RUNS_SHOWN}) {
          id name state scheduled_start_time start_time
        }
      }
    }
    flow_runs(where: {state: {_in: $waiting}, scheduled_start_time: {_gte: $now}}, order_by: [{scheduled_start_time: asc}], limit: 1) {
      scheduled_start_time
    }
  }
}`;

const COUNTS = `
query flow_counts($where: flow_bool_exp!) {
  flow_aggregate(where: $where) { aggregate { count } }
  any: flow(limit: 1) { id }
  project(order_by: [{name: asc}]) { name }
}`;

type Run = Pick<FlowRunRow, "id" | "name" | "state" | "scheduled_start_time" | "start_time">;

interface Row
  extends Pick<FlowRow, "id" | "name" | "version" | "archived" | "created" | "schedule" | "is_schedule_active"> {
  readonly cursor: string;
  readonly project: { readonly name: string } | null;
  readonly flow_group:
    | (Pick<FlowGroupRow, "schedule"> & { readonly flows: readonly { readonly flow_runs: readonly Run[] }[] })
    | null;
  readonly flow_runs: readonly { readonly scheduled_start_time: string }[];
}

interface Counts {
  readonly flow_aggregate: { readonly aggregate: { readonly count: number } };
  readonly any: readonly unknown[];
  readonly project: readonly { readonly name: string }[];
}

/** The newest runs of the newest versions, the newest last. */
function newestRuns(flow: Row): readonly Run[] {
  return (flow.flow_group?.flows ?? [])
    .flatMap(({ flow_runs }) => flow_runs)
    .toSorted((one, other) => one.scheduled_start_time.localeCompare(other.scheduled_start_time))
    .slice(-RUNS_SHOWN);
}

const COLUMNS: readonly Column<Row, Sort>[] = [
  {
    title: "Flow",
    width: "minmax(10rem, 2fr)",
    sort: "name",
    show: (flow) => (
      <>
        <Link to="/flow/$id" params={{ id: flow.id }} className="bare-link flow-name" title={flow.name}>
          {flow.name}
        </Link>{" "}
        {flow.archived && <span className="label">archived, version {flow.version}</span>}
      </>
    ),
  },
  {
    title: "Project",
    width: "minmax(6rem, 1fr)",
    show: (flow) => <span title={flow.project?.name}>{flow.project?.name}</span>,
  },
  {
    title: "Newest runs",
    width: "14.5rem",
    show: (flow) => <Strip runs={newestRuns(flow)} />,
  },
  {
    title: "Last ran",
    width: "6.5rem",
    show: (flow) => <Ago at={newestRuns(flow).findLast(({ start_time }) => start_time !== null)?.start_time} />,
  },
  {
    title: "Schedule",
    width: "minmax(8rem, 2fr)",
    show: (flow) => {
      const words = scheduleWords(flow.flow_group?.schedule ?? flow.schedule);
      if (words.length === 0) return <span className="faint">none</span>;
      return (
        <span title={words.join("\n")}>
          {!flow.is_schedule_active && <b className="paused">paused </b>}
          {words[0]}
        </span>
      );
    },
  },
  { title: "Next run", width: "9.5rem", show: (flow) => <Time at={flow.flow_runs[0]?.scheduled_start_time} /> },
];

function Strip({ runs }: { readonly runs: readonly Run[] }): JSX.Element {
  if (runs.length === 0) return <span className="faint">none</span>;
  return (
    <span className="strip">
      {runs.map((run) => (
        <Link
          key={run.id}
          to="/flow-run/$id"
          params={{ id: run.id }}
          title={`${run.name}: ${run.state}`}
          aria-label={`${run.name}: ${run.state}`}
          tabIndex={-1}
          preload={false}
        >
          <StateShape state={run.state} />
        </Link>
      ))}
    </span>
  );
}

const route = getRouteApi("/flows");

/** Every flow, how its newest runs went, and when the next one comes. */
export function Flows(): JSX.Element {
  const search = route.useSearch();
  const navigate = useNavigate();
  const change = (changed: { [Key in keyof FlowsSearch]: FlowsSearch[Key] | undefined }) =>
    void navigate({ to: "/flows", search: { ...search, ...changed } as FlowsSearch, replace: true });
  // To the minute: what is asked is the same question until the next one.
  const minute = Math.floor(useNow() / 60_000) * 60_000;
  const where = { _and: conditions(search) };
  const order: Order<Sort> = { by: search.sort ?? "name", direction: search.direction ?? "asc" };
  const flows = usePaged<Row>(FLOWS, {
    where,
    order: [{ [order.by]: order.direction }, { version: "desc" }],
    waiting: GROUPS.SCHEDULED,
    now: new Date(minute).toISOString(),
  });
  const counts = useAsk<Counts>(COUNTS, { where });
  useLive(NEWEST);
  const isFiltered = [search.name, search.project, search.schedule].some((value) => value !== undefined);
  return (
    <Page title="Flows">
      <div className="filters">
        <SearchField label="Name contains" value={search.name} onChange={(name) => change({ name })} />
        <Select
          aria-label="Project"
          placeholder="Any project"
          data={[
            ...new Set([
              ...(counts.data?.project ?? []).map(({ name }) => name),
              ...(search.project === undefined ? [] : [search.project]),
            ]),
          ]}
          value={search.project ?? null}
          onChange={(project) => change({ project: project ?? undefined })}
          clearable
          searchable
        />
        <SegmentedControl
          aria-label="Schedule"
          data={[{ value: "any", label: "any schedule" }, ...SCHEDULES.map((value) => ({ value, label: value }))]}
          value={search.schedule ?? "any"}
          onChange={(value) => change({ schedule: value === "any" ? undefined : (value as ScheduleFilter) })}
        />
        <Switch
          size="xs"
          label="archived versions, too"
          checked={search.archived === "yes"}
          onChange={(event) => change({ archived: event.currentTarget.checked ? "yes" : undefined })}
        />
        {isFiltered && (
          <Button variant="subtle" onClick={() => void navigate({ to: "/flows", search: {} })}>
            Clear
          </Button>
        )}
      </div>
      <Answer of={flows} what="flows">
        {(rows) =>
          rows.length === 0 ? (
            <None isFiltered={isFiltered} isAny={(counts.data?.any.length ?? 0) > 0} />
          ) : (
            <RowList
              label="Flows"
              columns={COLUMNS}
              rows={rows}
              keyOf={(flow) => flow.id}
              total={counts.data?.flow_aggregate.aggregate.count}
              onEnd={flows.more}
              order={order}
              onOrder={({ by, direction }) => change({ sort: by, direction })}
              onOpen={(flow) => void navigate({ to: "/flow/$id", params: { id: flow.id } })}
            />
          )
        }
      </Answer>
    </Page>
  );
}

function None({ isFiltered, isAny }: { readonly isFiltered: boolean; readonly isAny: boolean }): JSX.Element {
  if (isFiltered) return <Empty title="No flow is like that">Change what is asked for above, or clear it.</Empty>;
  if (isAny) return <Empty title="Every flow is archived">Their versions are shown with the switch above.</Empty>;
  return (
    <Empty title="No flow is registered yet">
      <p>A flow that is registered, or run so that it is recorded, appears here:</p>
      <pre>{'flow.register(project_name="my project")'}</pre>
    </Empty>
  );
}

function conditions(search: FlowsSearch): object[] {
  const found: object[] = [];
  if (search.archived !== "yes") found.push({ archived: { _eq: false } });
  if (search.name !== undefined) found.push({ name: { _ilike: containing(search.name) } });
  if (search.project !== undefined) found.push({ project: { name: { _eq: search.project } } });
  const has = { _or: [{ schedule: { _is_null: false } }, { flow_group: { schedule: { _is_null: false } } }] };
  if (search.schedule === "none") found.push({ _not: has });
  if (search.schedule === "active") found.push(has, { is_schedule_active: { _eq: true } });
  if (search.schedule === "paused") found.push(has, { is_schedule_active: { _eq: false } });
  return found;
}
