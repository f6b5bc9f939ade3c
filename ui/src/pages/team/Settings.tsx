import type { JSX, ReactNode } from "react";
import { useAsk, useLive } from "../../api/hooks";
import { useReasonAgainst, useSession } from "../../api/session";
import { duration } from "../../lib/time";
import { Answer, Empty } from "../../parts/Notice";
import { Section } from "../../parts/Page";
import { type Column, RowList } from "../../parts/RowList";
import { Ago } from "../../parts/Time";
import { TeamPage } from "./frame";

const SERVER = `query server { server_info { version database place requires_keys limits } }`;

const SERVICES = `
query services {
  services { name host started finished duration passes failures last_work last_work_at last_error last_error_at is_running }
}`;
// A pass every few seconds is no news; what it did, and that it failed, is.
const FOLLOWED = `subscription services { services { name failures last_work_at } }`;

interface Server {
  readonly server_info: {
    readonly version: string;
    readonly database: string;
    readonly place: string | null;
    readonly requires_keys: boolean;
    readonly limits: Readonly<Record<string, number>>;
  };
}

interface Service {
  readonly name: string;
  readonly host: string | null;
  readonly started: string | null;
  readonly finished: string | null;
  readonly duration: number | null;
  readonly passes: number;
  readonly failures: number;
  readonly last_work: string | null;
  readonly last_work_at: string | null;
  readonly last_error: string | null;
  readonly last_error_at: string | null;
  readonly is_running: boolean;
}

const DATABASES: Record<string, string> = { sqlite: "SQLite", postgresql: "PostgreSQL" };

/** How the server is set up, how its services do, and who looks at it. */
export function Settings(): JSX.Element {
  const services = useAsk<{ readonly services: readonly Service[] }>(SERVICES);
  useLive(FOLLOWED);
  return (
    <TeamPage title="Settings">
      <div className="team-sections">
        <You />
        <ServerFacts />
        <Answer of={services} what="services">
          {({ services: rows }) => (
            <Section title="Services" count={rows.length}>
              {rows.length === 0 ? (
                <Empty title="No service has run on this database">
                  The services plan scheduled runs, rescue those that went silent and clean up. They run in
                  <code> prefect server start</code>; the page of <code>prefect ui</code> has none.
                </Empty>
              ) : (
                <RowList label="Services" columns={SERVICE_COLUMNS} rows={rows} keyOf={({ name }) => name} />
              )}
            </Section>
          )}
        </Answer>
      </div>
    </TeamPage>
  );
}

function Facts({ of }: { readonly of: readonly (readonly [string, ReactNode])[] }): JSX.Element {
  return (
    <dl className="team-facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function You(): JSX.Element {
  const session = useSession();
  return (
    <Answer of={session} what="who you are">
      {(you) => (
        <Section title="You">
          <Facts
            of={[
              ["Role", you.role ?? "none"],
              ["Key", you.key?.name ?? "none is needed on this machine"],
              ["Tenant", you.tenants.map(({ slug }) => slug).join(", ") || "–"],
              ["Server", `version ${you.version}`],
            ]}
          />
        </Section>
      )}
    </Answer>
  );
}

function ServerFacts(): JSX.Element {
  const reason = useReasonAgainst("admin");
  const role = useSession().data?.role;
  const server = useAsk<Server>(SERVER, {}, { enabled: role === "admin", fixed: true });
  if (reason !== null) {
    return (
      <Section title="Server">
        <Empty title="You may not see how the server is set up">{reason}</Empty>
      </Section>
    );
  }
  return (
    <Answer of={server} what="how the server is set up">
      {({ server_info: info }) => (
        <>
          <Section title="Server">
            <Facts
              of={[
                ["Database", DATABASES[info.database] ?? info.database],
                [
                  "Where",
                  info.place === null ? (
                    <span key="place" className="faint">
                      told only on the machine itself
                    </span>
                  ) : (
                    <code key="place">{info.place}</code>
                  ),
                ],
                ["API keys", info.requires_keys ? "required" : "not required: it answers this machine alone"],
              ]}
            />
          </Section>
          <Section title="Limits of one request">
            <Facts
              of={Object.entries(info.limits).map(([name, value]) => [
                name.replaceAll("_", " "),
                value === 0 ? "none" : value.toLocaleString("en"),
              ])}
            />
          </Section>
        </>
      )}
    </Answer>
  );
}

const SERVICE_COLUMNS: readonly Column<Service>[] = [
  {
    title: "Service",
    width: "minmax(9rem, 1fr)",
    show: (service) => <span title={service.host ?? ""}>{service.name}</span>,
  },
  { title: "Health", width: "7rem", show: (service) => <ServiceHealth {...service} /> },
  { title: "Last pass", width: "7rem", show: (service) => <Ago at={service.finished} /> },
  {
    title: "Took",
    width: "5rem",
    isNumber: true,
    show: (service) => (service.duration === null ? "–" : duration(service.duration * 1000)),
  },
  { title: "Passes", width: "5.5rem", isNumber: true, show: (service) => service.passes.toLocaleString("en") },
  { title: "Failed", width: "4.5rem", isNumber: true, show: (service) => service.failures.toLocaleString("en") },
  {
    title: "Last work",
    width: "minmax(10rem, 2fr)",
    show: (service) => (
      <span title={service.last_work ?? ""}>
        {service.last_work ?? <span className="faint">nothing to do yet</span>}{" "}
        {service.last_work_at !== null && (
          <span className="faint">
            <Ago at={service.last_work_at} />
          </span>
        )}
      </span>
    ),
  },
  {
    title: "Last error",
    width: "minmax(8rem, 2fr)",
    show: (service) =>
      service.last_error === null ? (
        <span className="faint">none</span>
      ) : (
        <span className="team-bad" title={service.last_error}>
          {service.last_error}
        </span>
      ),
  },
];

/** A service is well when the last thing that it did was not to fail. */
function ServiceHealth({ finished, last_error_at }: Service): JSX.Element {
  const failed = last_error_at !== null && (finished === null || Date.parse(last_error_at) >= Date.parse(finished));
  return (
    <span className="state team-health" data-health={failed ? "silent" : finished === null ? "never" : "looking"}>
      <svg viewBox="0 0 12 12" className="state-shape" aria-hidden="true">
        {failed ? <path d="M6 0.5 12 11H0z" fill="currentColor" /> : <circle cx="6" cy="6" r="5" fill="currentColor" />}
      </svg>
      {failed ? "failing" : finished === null ? "starting" : "well"}
    </span>
  );
}
