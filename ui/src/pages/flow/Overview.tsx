import { Link, useNavigate } from "@tanstack/react-router";
import type { JSX } from "react";
import { useMemo } from "react";
import { useAsk } from "../../api/hooks";
import { countsOf } from "../../api/runs";
import { GROUPS } from "../../api/states";
import type { Json } from "../../api/tables";
import { Durations } from "../../charts/Durations";
import { useNow } from "../../lib/now";
import { Answer, Empty } from "../../parts/Notice";
import { Section } from "../../parts/Page";
import { State, StateStrip } from "../../parts/State";
import { Ago, Duration, Time } from "../../parts/Time";
import type { Parameter } from "./form";
import { type Flow, OVERVIEW, type Overview as Overviewed } from "./questions";
import { Schedule } from "./Schedule";

const NEWEST_SHOWN = 12;

/** The conditions of what has happened in a flow, and of what it waits for. */
export function happened(group: string, minute: number): object {
  const now = new Date(minute).toISOString();
  return {
    flow: { flow_group_id: { _eq: group } },
    _or: [{ scheduled_start_time: { _lte: now } }, { state: { _nin: GROUPS.SCHEDULED } }],
  };
}

/** How the newest runs went, what they are given, and when the next ones come. */
export function Overview({ flow }: { readonly flow: Flow }): JSX.Element {
  const navigate = useNavigate();
  const minute = Math.floor(useNow() / 60_000) * 60_000;
  const group = flow.flow_group_id;
  const variables = useMemo(
    () => ({
      runs: happened(group, minute),
      next: {
        flow: { flow_group_id: { _eq: group } },
        state: { _in: GROUPS.SCHEDULED },
        scheduled_start_time: { _gt: new Date(minute).toISOString() },
      },
    }),
    [group, minute],
  );
  const answer = useAsk<Overviewed>(OVERVIEW, variables);
  return (
    <Answer of={answer} what="runs of the flow">
      {({ by_state, runs, next }) => (
        <div className="flow-overview">
          <div className="flow-wide">
            <StateStrip
              label="Runs by state"
              counts={countsOf(by_state)}
              onChoose={([state]) =>
                void navigate({ to: "/flow-runs", search: { flow: flow.name, ...(state ? { state } : {}) } })
              }
            />
            <Durations runs={runs} label="How long the newest runs took" />
          </div>
          <Section title="Newest runs">
            {runs.length === 0 && <Empty title="It has not run yet">Run it, or let its schedule do so.</Empty>}
            <table className="table" hidden={runs.length === 0}>
              <thead>
                <tr>
                  <th style={{ width: "8rem" }}>State</th>
                  <th>Run</th>
                  <th style={{ width: "7rem" }}>When</th>
                  <th style={{ width: "6rem" }} className="number">
                    Took
                  </th>
                </tr>
              </thead>
              <tbody>
                {runs.slice(0, NEWEST_SHOWN).map((run) => (
                  <tr key={run.id}>
                    <td>
                      <State state={run.state} title={run.state_message} />
                    </td>
                    <td>
                      <Link to="/flow-run/$id" params={{ id: run.id }} className="bare-link" title={run.name ?? run.id}>
                        {run.name ?? run.id}
                      </Link>
                    </td>
                    <td>
                      <Ago at={run.start_time ?? run.scheduled_start_time} />
                    </td>
                    <td className="number">
                      <Duration from={run.start_time} to={run.end_time} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Section>
          <div className="flow-column">
            <Schedule flow={flow} />
            <Section title="Next runs">
              {next.length === 0 && (
                <Empty title="None is planned">
                  {flow.is_schedule_active
                    ? "A server that runs plans them ahead of time: prefect server start"
                    : "Nothing plans them while no schedule is active."}
                </Empty>
              )}
              <ul className="plain">
                {next.map((run) => (
                  <li key={run.id}>
                    <Link to="/flow-run/$id" params={{ id: run.id }} className="bare-link">
                      <Time at={run.scheduled_start_time} />
                    </Link>{" "}
                    <span className="faint">
                      <Ago at={run.scheduled_start_time} />
                    </span>
                  </li>
                ))}
              </ul>
            </Section>
            <Parameters flow={flow} />
          </div>
        </div>
      )}
    </Answer>
  );
}

function Parameters({ flow }: { readonly flow: Flow }): JSX.Element {
  const parameters = (flow.parameters ?? []) as unknown as readonly Parameter[];
  const defaults = (flow.flow_group?.default_parameters ?? {}) as Readonly<Record<string, Json>>;
  return (
    <Section title="Parameters" count={parameters.length}>
      {parameters.length === 0 && <Empty title="It takes none" />}
      <dl className="parameters">
        {parameters.map(({ name, required, default: usual }) => {
          const isSet = Object.hasOwn(defaults, name);
          const value = isSet ? defaults[name] : usual;
          return (
            <div key={name}>
              <dt className="mono">{name}</dt>
              <dd>
                {required === true && !isSet ? (
                  <span className="soft">has to be given</span>
                ) : (
                  <code className="clip" title={JSON.stringify(value)}>
                    {JSON.stringify(value ?? null)}
                  </code>
                )}
                {isSet && <span className="faint"> from the settings</span>}
              </dd>
            </div>
          );
        })}
      </dl>
    </Section>
  );
}
