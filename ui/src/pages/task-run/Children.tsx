import { useNavigate } from "@tanstack/react-router";
import type { JSX } from "react";
import { usePaged } from "../../api/pages";
import { Answer, Empty } from "../../parts/Notice";
import { RowList } from "../../parts/RowList";
import { type StateCount, StateStrip } from "../../parts/State";
import { TASK_RUNS, type TaskRun } from "../flow-run/questions";
import { TASK_COLUMNS } from "../flow-run/TaskRuns";
import type { TaskRunPage } from "./questions";
import type { TaskRunSearch } from "./search";

interface ChildrenProps {
  readonly task: TaskRunPage;
  readonly counts: readonly StateCount[];
  readonly search: TaskRunSearch;
  readonly change: (changed: { readonly state: string | undefined }) => void;
}

/** The children of a mapped task run. */
export function Children({ task, counts, search, change }: ChildrenProps): JSX.Element {
  const navigate = useNavigate();
  const states = search.state?.split(",") ?? [];
  const conditions: object[] = [
    { flow_run_id: { _eq: task.flow_run_id } },
    { task_id: { _eq: task.task_id } },
    { map_index: { _gte: 0 } },
  ];
  if (states.length > 0) conditions.push({ state: { _in: states } });
  const found = usePaged<TaskRun>(TASK_RUNS, {
    where: { _and: conditions },
    order: [{ map_index: "asc" }],
    as_of: search.as_of ?? null,
  });
  const total = counts
    .filter(({ state }) => states.length === 0 || states.includes(state ?? ""))
    .reduce((sum, { count }) => sum + count, 0);
  return (
    <div className="tab">
      <div className="filters">
        <StateStrip
          label="Mapped children by state"
          counts={counts}
          chosen={states}
          onChoose={(chosen) => change({ state: chosen.length > 0 ? chosen.join(",") : undefined })}
        />
      </div>
      <Answer of={found} what="mapped children">
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No child is like that">Change the states above.</Empty>
          ) : (
            <RowList
              label="Mapped children"
              columns={TASK_COLUMNS.map(({ sort: _, ...column }) => column)}
              rows={rows}
              keyOf={(child) => child.id}
              total={total}
              onEnd={found.more}
              onOpen={(child) => void navigate({ to: "/task-run/$id", params: { id: child.id } })}
            />
          )
        }
      </Answer>
    </div>
  );
}
