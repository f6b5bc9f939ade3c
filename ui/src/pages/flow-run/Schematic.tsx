import { Button, Select } from "@mantine/core";
import { type JSX, useMemo, useState } from "react";
import { useAsk } from "../../api/hooks";
import { around } from "../../charts/schematic/around";
import { SchematicChart, type SchematicNode } from "../../charts/schematic/SchematicChart";
import { useKeys } from "../../lib/keys";
import { type FlowGraph, useGraph } from "../../parts/graph";
import { Answer, Empty } from "../../parts/Notice";
import { SearchField } from "../../parts/SearchField";
import type { Changed } from "./FlowRun";
import type { Run } from "./questions";
import { type FlowRunSearch, NEARS, type Near } from "./search";

const STATES_OF_TASKS = `
query flow_run_schematic($id: uuid!, $as_of: moment) {
  task_run(where: {flow_run_id: {_eq: $id}, map_index: {_eq: -1}}, as_of: $as_of) { id task_id state }
  children: task_run_aggregate(where: {flow_run_id: {_eq: $id}, map_index: {_gte: 0}}, as_of: $as_of,
    group_by: [task_id, state]) { groups { key { task_id state } aggregate { count } } }
}`;

const TASK_OF = `
query flow_run_task_of($id: uuid!) { task_run_by_pk(id: $id) { id task_id } }`;

interface States {
  readonly task_run: readonly { readonly id: string; readonly task_id: string; readonly state: string | null }[];
  readonly children: {
    readonly groups: readonly {
      readonly key: { readonly task_id: string; readonly state: string | null };
      readonly aggregate: { readonly count: number };
    }[];
  };
}

interface SchematicProps {
  readonly run: Run;
  readonly search: FlowRunSearch;
  readonly change: (changed: Changed) => void;
}

/** The tasks of the run and what they wait for, as they stand. */
export function Schematic({ run, search, change }: SchematicProps): JSX.Element {
  const { answer } = useGraph(run.flow_id);
  const states = useAsk<States>(STATES_OF_TASKS, { id: run.id, as_of: search.as_of ?? null });
  return (
    <div className="tab">
      <Answer of={answer} what="the schematic">
        {({ flow_by_pk: graph }) =>
          graph === null || graph.tasks.length === 0 ? (
            <Empty title="This flow has no tasks">Or its version was deleted since.</Empty>
          ) : (
            <Answer of={states} what="the states of tasks">
              {(known) => <Drawn graph={graph} states={known} search={search} change={change} />}
            </Answer>
          )
        }
      </Answer>
    </div>
  );
}

interface DrawnProps {
  readonly graph: FlowGraph;
  readonly states: States;
  readonly search: FlowRunSearch;
  readonly change: (changed: Changed) => void;
}

const NEAR_NAMES: Record<Near, string> = {
  "1": "Neighbours of the selected",
  "2": "Two steps around the selected",
  all: "All before and after the selected",
};

function Drawn({ graph, states, search, change }: DrawnProps): JSX.Element {
  const task = useAsk<{ readonly task_run_by_pk: { readonly task_id: string } | null }>(
    TASK_OF,
    { id: search.task_run },
    { enabled: search.task_run !== undefined, fixed: true },
  );
  const selectedTask = search.task_run === undefined ? undefined : task.data?.task_run_by_pk?.task_id;
  const [goTo, setGoTo] = useState({ node: "", times: 0 });
  const near = selectedTask === undefined ? undefined : search.near;
  const kept = useMemo(() => {
    if (near === undefined || selectedTask === undefined) return null;
    return around(graph.edges, selectedTask, near === "all" ? Number.POSITIVE_INFINITY : Number(near));
  }, [graph, near, selectedTask]);
  const tasks = useMemo(
    () => (kept === null ? graph.tasks : graph.tasks.filter(({ id }) => kept.has(id))),
    [graph, kept],
  );
  const drawn = useMemo(() => {
    const place = new Map(tasks.map(({ id }, index) => [id, index]));
    const edges = graph.edges.filter(
      ({ upstream_task_id, downstream_task_id }) => place.has(upstream_task_id) && place.has(downstream_task_id),
    );
    return {
      count: tasks.length,
      from: edges.map((edge) => place.get(edge.upstream_task_id) as number),
      to: edges.map((edge) => place.get(edge.downstream_task_id) as number),
    };
  }, [graph, tasks]);
  const nodes = useMemo((): readonly SchematicNode[] => {
    const runs = new Map(states.task_run.map((of) => [of.task_id, of]));
    const children = Map.groupBy(states.children.groups, ({ key }) => key.task_id);
    const wanted = search.state?.split(",") ?? [];
    return tasks.map(({ id, name, slug }) => {
      const counts = (children.get(id) ?? []).map(({ key, aggregate }) => ({
        state: key.state ?? "Pending",
        count: aggregate.count,
      }));
      const state = runs.get(id)?.state ?? null;
      const here = [state, ...counts.map((of) => of.state)];
      return {
        id,
        name: name ?? slug ?? id,
        state,
        isMapped: counts.length > 0,
        children: counts,
        isFaint: wanted.length > 0 && !here.some((of) => wanted.includes(of ?? "")),
      };
    });
  }, [states, tasks, search.state]);
  const found = useMemo(() => {
    const letters = search.task?.toLowerCase();
    if (letters === undefined) return null;
    return new Set(nodes.flatMap(({ name }, index) => (name.toLowerCase().includes(letters) ? [index] : [])));
  }, [nodes, search.task]);
  const next = (step: 1 | -1) => {
    if (found === null || found.size === 0) return;
    const places = [...found];
    const at = places.findIndex((place) => nodes[place]?.id === goTo.node);
    const wanted = at < 0 ? (step > 0 ? 0 : places.length - 1) : (at + step + places.length) % places.length;
    setGoTo({ node: nodes[places[wanted] as number]?.id ?? "", times: goTo.times + 1 });
  };
  const select = (node: number) => {
    const id = nodes[node]?.id;
    const of = states.task_run.find((candidate) => candidate.task_id === id);
    if (of !== undefined) change({ task_run: of.id });
  };
  const chosen = near ?? null;
  useKeys("Schematic", [
    { keys: "n", says: "next task that was searched for", run: () => next(1) },
    { keys: "N", says: "task before that was searched for", run: () => next(-1) },
    {
      keys: "f",
      says: "only what is around the selected task, or all",
      run: () => change({ near: chosen === null ? "1" : undefined }),
    },
  ]);
  return (
    <>
      <div className="filters">
        <SearchField label="Task name contains" value={search.task} onChange={(letters) => change({ task: letters })} />
        {found !== null && (
          <>
            <span className="soft" role="status">
              {found.size === 0 ? "No task is called that" : `${found.size.toLocaleString("en")} found`}
            </span>
            <Button disabled={found.size === 0} onClick={() => next(1)}>
              Next
            </Button>
          </>
        )}
        <Select
          aria-label="How much of the flow"
          placeholder="The whole flow"
          data={NEARS.map((value) => ({ value, label: NEAR_NAMES[value] }))}
          value={chosen}
          onChange={(value) => change({ near: (value as Near | null) ?? undefined })}
          disabled={selectedTask === undefined}
          clearable
          w="17rem"
        />
        <span className="schematic-beside">
          {nodes.length.toLocaleString("en")} of {graph.tasks.length.toLocaleString("en")} tasks; drag to move, wheel to
          zoom
        </span>
      </div>
      <SchematicChart
        nodes={nodes}
        graph={drawn}
        selected={nodes.findIndex(({ id }) => id === selectedTask)}
        found={found}
        goTo={goTo}
        onSelect={select}
      />
    </>
  );
}
