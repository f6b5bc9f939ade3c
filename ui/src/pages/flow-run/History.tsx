import type { JSX } from "react";
import { useAsk } from "../../api/hooks";
import { Answer } from "../../parts/Notice";
import { State } from "../../parts/State";
import { Time } from "../../parts/Time";
import { HISTORY, type HistoryState } from "./questions";

/** The states that the run went through, and who set them. */
export function History({ id, asOf }: { readonly id: string; readonly asOf: string | undefined }): JSX.Element {
  const answer = useAsk<{ readonly flow_run_state: readonly HistoryState[] }>(HISTORY, {
    id,
    as_of: asOf ?? null,
  });
  return (
    <div className="tab">
      <Answer of={answer} what="the history">
        {({ flow_run_state: states }) => (
          <table className="table">
            <thead>
              <tr>
                <th style={{ width: "9rem" }}>When</th>
                <th style={{ width: "9rem" }}>State</th>
                <th>Message</th>
                <th style={{ width: "12rem" }}>Set by</th>
                <th style={{ width: "5rem" }} className="number">
                  Sequence
                </th>
              </tr>
            </thead>
            <tbody>
              {states.map((state) => (
                <tr key={state.id}>
                  <td>
                    <Time at={state.timestamp} />
                  </td>
                  <td>
                    <State state={state.state} />
                  </td>
                  <td title={state.message ?? ""}>{state.message}</td>
                  <td title={state.set_by ?? ""}>{state.set_by ?? <span className="faint">not recorded</span>}</td>
                  <td className="number">{state.sequence}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Answer>
    </div>
  );
}
