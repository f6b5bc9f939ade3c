import type { JSX } from "react";
import { useAsk } from "../../api/hooks";
import { GROUPS } from "../../api/states";
import { useNow } from "../../lib/now";
import { duration } from "../../lib/time";
import { Answer, Empty } from "../../parts/Notice";
import { Section } from "../../parts/Page";
import { Ago } from "../../parts/Time";
import { type Condition, conditionOfAgent, conditionOfService, serviceDoes } from "./health";
import { HEALTH, type Health, SHOWN } from "./questions";

const RUNNING_AND_SUBMITTED = [...GROUPS.RUNNING, ...GROUPS.SUBMITTED];

function useHealth(minute: number) {
  // What is not told by the stream of runs is asked for again every minute.
  return useAsk<Health>(HEALTH, { running: RUNNING_AND_SUBMITTED, shown: SHOWN }, { again: minute });
}

/** The agents that asked last, and whether they still look for runs. */
export function Agents(): JSX.Element {
  const now = useNow();
  const answer = useHealth(Math.floor(now / 60_000));
  return (
    <Section title="Agents" count={answer.data?.agent_aggregate.aggregate.count}>
      <Answer of={answer} what="agents">
        {({ agent: agents }) =>
          agents.length === 0 ? (
            <Empty title="No agent has come">
              Runs that wait are taken up by an agent: <code>prefect agent local start</code>
            </Empty>
          ) : (
            <ul className="entries">
              {agents.map((agent) => {
                const condition = conditionOfAgent(agent, now);
                const runs = agent.flow_runs_aggregate.aggregate.count;
                return (
                  <li key={agent.id} className="entry">
                    <Sign condition={condition} />
                    <span className="clip" title={agent.id}>
                      <span className="entry-name">{agent.name ?? "agent"}</span>{" "}
                      <span className="soft">
                        {agent.type} {agent.core_version}
                      </span>
                    </span>
                    <span className="faint entry-when">
                      <Ago at={agent.last_queried} />
                    </span>
                    <div className="entry-below">
                      {SAID[condition]}
                      {runs > 0 && `; ${runs.toLocaleString("en")} in hand`}{" "}
                      {agent.labels.map((label) => (
                        <span key={label} className="label">
                          {label}
                        </span>
                      ))}
                    </div>
                  </li>
                );
              })}
            </ul>
          )
        }
      </Answer>
    </Section>
  );
}

/** What the server does without being asked, and how that goes. */
export function Services(): JSX.Element {
  const now = useNow();
  const answer = useHealth(Math.floor(now / 60_000));
  return (
    <Section title="Services">
      <Answer of={answer} what="services">
        {({ services }) =>
          services.length === 0 ? (
            <Empty title="No service has run on this database">
              They plan scheduled runs and clear up: <code>prefect server start</code>
            </Empty>
          ) : (
            <ul className="entries">
              {services.map((service) => {
                const condition = conditionOfService(service, now);
                return (
                  <li key={service.name} className="entry">
                    <Sign condition={condition} />
                    <span className="clip">
                      <span className="entry-name">{service.name.replaceAll("_", " ")}</span>{" "}
                      <span className="soft">{serviceDoes(service.name)}</span>
                    </span>
                    <span className="faint entry-when">
                      <Ago at={service.started} />
                    </span>
                    {condition === "failing" && (
                      <div className="entry-below clip" title={service.last_error ?? ""}>
                        {service.last_error}
                      </div>
                    )}
                    {condition !== "failing" && service.last_work !== null && (
                      <div className="entry-below clip" title={service.last_work}>
                        {service.last_work}
                        {service.duration !== null && `, in ${duration(service.duration * 1000)}`}
                      </div>
                    )}
                  </li>
                );
              })}
            </ul>
          )
        }
      </Answer>
    </Section>
  );
}

const SAID: Record<Condition, string> = {
  well: "Looks for runs",
  silent: "Has stopped asking for runs",
  failing: "",
  idle: "Has never asked for runs",
};

const WORDS: Record<Condition, string> = {
  well: "well",
  silent: "silent",
  failing: "failing",
  idle: "not begun",
};

/** How something is doing, by shape, word and colour. */
function Sign({ condition }: { readonly condition: Condition }): JSX.Element {
  return (
    <span className="health" data-condition={condition} title={WORDS[condition]}>
      <svg viewBox="0 0 12 12" aria-hidden="true" fill="currentColor">
        {condition === "failing" ? (
          <path d="M1 1h10v10H1z" />
        ) : condition === "silent" ? (
          <path d="M6 0.5 12 11H0z" />
        ) : condition === "idle" ? (
          <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.5" />
        ) : (
          <circle cx="6" cy="6" r="4.5" />
        )}
      </svg>
      <span className="visually-hidden">{WORDS[condition]}</span>
    </span>
  );
}
