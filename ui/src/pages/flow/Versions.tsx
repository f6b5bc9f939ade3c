import { Link } from "@tanstack/react-router";
import type { JSX } from "react";
import { useAsk } from "../../api/hooks";
import { countsOf } from "../../api/runs";
import { Answer } from "../../parts/Notice";
import { StateBar } from "../../parts/State";
import { Time } from "../../parts/Time";
import { type Flow, VERSIONS, type Version } from "./questions";

/** Every version of the flow, the newest first, and how its runs went. */
export function Versions({ flow }: { readonly flow: Flow }): JSX.Element {
  const answer = useAsk<{ readonly flow: readonly Version[] }>(VERSIONS, { group: flow.flow_group_id });
  return (
    <Answer of={answer} what="versions">
      {({ flow: versions }) => (
        <table className="table" aria-label="Versions">
          <thead>
            <tr>
              <th style={{ width: "9rem" }}>Version</th>
              <th style={{ width: "11rem" }}>Registered</th>
              <th style={{ width: "5rem" }} className="number">
                Tasks
              </th>
              <th style={{ width: "5rem" }} className="number">
                Runs
              </th>
              <th>How they went</th>
              <th style={{ width: "8rem" }}>Made with</th>
            </tr>
          </thead>
          <tbody>
            {versions.map((version) => {
              const counts = countsOf(version.flow_runs_aggregate);
              return (
                <tr key={version.id} data-current={version.id === flow.id}>
                  <td>
                    <Link to="/flow/$id" params={{ id: version.id }}>
                      version {version.version}
                    </Link>{" "}
                    {version.archived && <span className="label">archived</span>}
                  </td>
                  <td>
                    <Time at={version.created} />
                  </td>
                  <td className="number">{version.tasks_aggregate.aggregate.count.toLocaleString("en")}</td>
                  <td className="number">{counts.reduce((sum, { count }) => sum + count, 0).toLocaleString("en")}</td>
                  <td>
                    <StateBar counts={counts} />
                  </td>
                  <td className="mono">{version.core_version}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Answer>
  );
}
