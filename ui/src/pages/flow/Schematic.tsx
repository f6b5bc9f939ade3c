import { type JSX, useMemo } from "react";
import { SchematicChart, type SchematicNode } from "../../charts/schematic/SchematicChart";
import { type FlowGraph, useGraph } from "../../parts/graph";
import { Answer, Empty } from "../../parts/Notice";
import { SearchField } from "../../parts/SearchField";
import type { Changed } from "./Flow";
import type { Flow } from "./questions";
import type { FlowSearch } from "./search";

interface SchematicProps {
  readonly flow: Flow;
  readonly search: FlowSearch;
  readonly change: (changed: Changed) => void;
}

const NOWHERE = { node: "", times: 0 };

/** The tasks of this version and what they wait for; a chosen task is shown run by run. */
export function Schematic({ flow, search, change }: SchematicProps): JSX.Element {
  const { answer } = useGraph(flow.id);
  return (
    <Answer of={answer} what="the schematic">
      {({ flow_by_pk: graph }) =>
        graph === null || graph.tasks.length === 0 ? (
          <Empty title="This flow has no tasks">Or its version was deleted since.</Empty>
        ) : (
          <Drawn graph={graph} search={search} change={change} />
        )
      }
    </Answer>
  );
}

interface DrawnProps {
  readonly graph: FlowGraph;
  readonly search: FlowSearch;
  readonly change: (changed: Changed) => void;
}

function Drawn({ graph, search, change }: DrawnProps): JSX.Element {
  const drawn = useMemo(() => {
    const place = new Map(graph.tasks.map(({ id }, index) => [id, index]));
    return {
      count: graph.tasks.length,
      from: graph.edges.map((edge) => place.get(edge.upstream_task_id) ?? 0),
      to: graph.edges.map((edge) => place.get(edge.downstream_task_id) ?? 0),
    };
  }, [graph]);
  const nodes = useMemo(
    (): readonly SchematicNode[] =>
      graph.tasks.map(({ id, name, slug, mapped }) => ({
        id,
        name: name ?? slug ?? id,
        state: null,
        isMapped: mapped,
        children: [],
        isFaint: false,
      })),
    [graph],
  );
  const found = useMemo(() => {
    const letters = search.task?.toLowerCase();
    if (letters === undefined) return null;
    return new Set(nodes.flatMap(({ name }, index) => (name.toLowerCase().includes(letters) ? [index] : [])));
  }, [nodes, search.task]);
  const goTo = useMemo(() => {
    const first = found === null ? undefined : [...found][0];
    return first === undefined ? NOWHERE : { node: nodes[first]?.id ?? "", times: 1 };
  }, [found, nodes]);
  return (
    <>
      <div className="filters">
        <SearchField label="Task name contains" value={search.task} onChange={(task) => change({ task })} />
        {found !== null && (
          <span className="soft" role="status">
            {found.size === 0 ? "No task is called that" : `${found.size.toLocaleString("en")} found`}
          </span>
        )}
        <span className="schematic-beside">
          {nodes.length === 1 ? "1 task" : `${nodes.length.toLocaleString("en")} tasks`}; drag to move, wheel to zoom,
          choose one to see it run by run
        </span>
      </div>
      <SchematicChart
        nodes={nodes}
        graph={drawn}
        selected={-1}
        found={found}
        goTo={goTo}
        onSelect={(node) => change({ tab: "tasks", task: nodes[node]?.name })}
      />
    </>
  );
}
