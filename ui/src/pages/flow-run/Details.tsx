import type { JSX, ReactNode } from "react";
import type { Json } from "../../api/tables";
import { Section } from "../../parts/Page";
import { Ago, Time } from "../../parts/Time";
import type { Run } from "./questions";

/** What the run was given, and the facts about it. */
export function Details({ run }: { readonly run: Run }): JSX.Element {
  return (
    <div className="tab details">
      <Section title="Facts">
        <dl className="facts">
          <Fact name="Id">
            <code>{run.id}</code>
          </Fact>
          <Fact name="Scheduled for">
            <Time at={run.scheduled_start_time} /> {run.auto_scheduled ? "by its schedule" : "by hand"}
          </Fact>
          <Fact name="Created">
            <Time at={run.created} />
          </Fact>
          <Fact name="Started">
            <Time at={run.start_time} />
          </Fact>
          <Fact name="Ended">
            <Time at={run.end_time} />
          </Fact>
          <Fact name="Last sign of life">
            <Ago at={run.heartbeat} />
          </Fact>
          <Fact name="Agent">{run.agent?.name ?? run.agent?.id ?? "none"}</Fact>
          <Fact name="Labels">
            {run.labels.length === 0
              ? "none"
              : run.labels.map((label) => (
                  <span key={label} className="label">
                    {label}
                  </span>
                ))}
          </Fact>
          {run.idempotency_key !== null && <Fact name="Idempotency key">{run.idempotency_key}</Fact>}
        </dl>
      </Section>
      <Values title="Parameters" value={run.parameters} />
      <Values title="Context" value={run.context} />
      <Values title="Run configuration" value={run.run_config} />
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Values({ title, value }: { readonly title: string; readonly value: Json }): JSX.Element {
  const isEmpty = value === null || (typeof value === "object" && Object.keys(value).length === 0);
  return (
    <Section title={title}>
      {isEmpty ? <p className="soft">none</p> : <pre className="json">{JSON.stringify(value, null, 2)}</pre>}
    </Section>
  );
}
