import { Link } from "@tanstack/react-router";
import { type JSX, lazy, Suspense } from "react";
import { useAsk } from "../../api/hooks";
import { taskRunName } from "../../api/runs";
import type { Json, TaskRow, TaskRunArtifactRow, TaskRunRow } from "../../api/tables";
import { Answer, Empty, Waiting } from "../../parts/Notice";
import { Time } from "../../parts/Time";

const Markdown = lazy(() => import("../../parts/Markdown").then((module) => ({ default: module.Markdown })));

const ARTIFACTS = `
query artifacts($where: task_run_artifact_bool_exp!, $limit: Int, $as_of: moment) {
  task_run_artifact(where: $where, order_by: [{sequence: asc}], limit: $limit, as_of: $as_of) {
    id kind data created task_run { id name map_index task { name } }
  }
}`;

interface Artifact extends Pick<TaskRunArtifactRow, "id" | "kind" | "data" | "created"> {
  readonly task_run:
    | (Pick<TaskRunRow, "id" | "name" | "map_index"> & { readonly task: Pick<TaskRow, "name"> | null })
    | null;
}

interface ArtifactsProps {
  readonly flowRunId: string;
  readonly taskRunId?: string | undefined;
  readonly asOf?: string | undefined;
}

const SHOWN_AT_ONCE = 200;

/** What task runs left to be looked at. */
export function Artifacts({ flowRunId, taskRunId, asOf }: ArtifactsProps): JSX.Element {
  const conditions: object[] = [{ flow_run_id: { _eq: flowRunId } }];
  if (taskRunId !== undefined) conditions.push({ task_run_id: { _eq: taskRunId } });
  const answer = useAsk<{ readonly task_run_artifact: readonly Artifact[] }>(ARTIFACTS, {
    where: { _and: conditions },
    limit: SHOWN_AT_ONCE,
    as_of: asOf ?? null,
  });
  return (
    <div className="tab">
      <Answer of={answer} what="artifacts">
        {({ task_run_artifact: artifacts }) => (
          <>
            {artifacts.length === 0 && (
              <Empty title={taskRunId === undefined ? "No artifacts" : "No artifacts of this task run"}>
                Tasks leave them with <code>create_link_artifact</code> and <code>create_markdown_artifact</code>.
              </Empty>
            )}
            {artifacts.map((artifact) => (
              <article key={artifact.id} className="artifact">
                <div className="artifact-head">
                  {artifact.task_run !== null && (
                    <Link to="/task-run/$id" params={{ id: artifact.task_run.id }} className="clip">
                      {taskRunName(artifact.task_run)}
                    </Link>
                  )}
                  <span className="soft">
                    {artifact.kind}, <Time at={artifact.created} />
                  </span>
                </div>
                <Suspense fallback={<Waiting what="the artifact" />}>
                  <Shown kind={artifact.kind} data={artifact.data} />
                </Suspense>
              </article>
            ))}
            {artifacts.length === SHOWN_AT_ONCE && (
              <p className="soft">
                These are the first {SHOWN_AT_ONCE}. The others are shown on the pages of their task runs.
              </p>
            )}
          </>
        )}
      </Answer>
    </div>
  );
}

function Shown({ kind, data }: { readonly kind: string; readonly data: Json }): JSX.Element {
  const fields =
    data !== null && typeof data === "object" && !Array.isArray(data) ? (data as Record<string, Json>) : {};
  const { link, markdown } = fields;
  if (kind === "link" && typeof link === "string") {
    return /^(https?|mailto):/i.test(link) ? (
      <a href={link} target="_blank" rel="noopener noreferrer" className="artifact-link">
        {link}
      </a>
    ) : (
      <code>{link}</code>
    );
  }
  if (kind === "markdown" && typeof markdown === "string") return <Markdown text={markdown} />;
  const rows = tableOf(data) ?? tableOf(fields.table ?? null);
  if (rows !== null) return <Rows rows={rows} />;
  return <pre className="json">{JSON.stringify(data, null, 2)}</pre>;
}

/** Rows of named values, where that is what it is. */
function tableOf(data: Json): readonly Record<string, Json>[] | null {
  const isRow = (row: Json) => row !== null && typeof row === "object" && !Array.isArray(row);
  return Array.isArray(data) && data.length > 0 && data.every(isRow) ? (data as Record<string, Json>[]) : null;
}

const ROWS_SHOWN = 500;

function Rows({ rows }: { readonly rows: readonly Record<string, Json>[] }): JSX.Element {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return (
    <div className="markdown">
      <table>
        <thead>
          <tr>
            {names.map((name) => (
              <th key={name}>{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, ROWS_SHOWN).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have nothing else to be told apart by
            <tr key={index}>
              {names.map((name) => (
                <td key={name}>{said(row[name])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > ROWS_SHOWN && (
        <p className="soft">
          The first {ROWS_SHOWN} of {rows.length.toLocaleString("en")} rows.
        </p>
      )}
    </div>
  );
}

function said(value: Json | undefined): string {
  if (value === undefined || value === null) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
