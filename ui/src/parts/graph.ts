/** The tasks of a flow and how they depend on each other, as several pages need them. */

import { useMemo } from "react";
import { useAsk } from "../api/hooks";
import type { EdgeRow, TaskRow } from "../api/tables";

const GRAPH = `
query flow_graph($flow: uuid!) {
  flow_by_pk(id: $flow) {
    tasks(order_by: [{slug: asc}]) { id name slug mapped }
    edges { upstream_task_id downstream_task_id key mapped }
  }
}`;

export type GraphTask = Pick<TaskRow, "id" | "name" | "slug" | "mapped">;
export type GraphEdge = Pick<EdgeRow, "upstream_task_id" | "downstream_task_id" | "key" | "mapped">;

export interface FlowGraph {
  readonly tasks: readonly GraphTask[];
  readonly edges: readonly GraphEdge[];
}

/** A version of a flow never changes, so it is asked for once. */
export function useGraph(flow: string) {
  const answer = useAsk<{ readonly flow_by_pk: FlowGraph | null }>(GRAPH, { flow }, { fixed: true });
  const names = useMemo(
    () => new Map((answer.data?.flow_by_pk?.tasks ?? []).map((task) => [task.id, task.name ?? task.slug ?? "a task"])),
    [answer.data],
  );
  return { answer, graph: answer.data?.flow_by_pk ?? undefined, names };
}
