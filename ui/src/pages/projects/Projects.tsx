import { Button, Menu, NumberInput, Textarea, TextInput } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type JSX, useMemo, useState } from "react";
import { ask } from "../../api/client";
import { useAsk, useLive } from "../../api/hooks";
import { countsOf, NEWEST } from "../../api/runs";
import { tenantOf, useReasonAgainst, useSession } from "../../api/session";
import type { ProjectRow } from "../../api/tables";
import { containing } from "../../lib/match";
import { useNow } from "../../lib/now";
import { Confirm } from "../../parts/Confirm";
import { Answer, Empty } from "../../parts/Notice";
import { Page } from "../../parts/Page";
import { SearchField } from "../../parts/SearchField";
import { StateBar } from "../../parts/State";
import type { ProjectsSearch } from "./search";
import "./projects.css";

const MOST_SHOWN = 200;

const PROJECTS = `
query projects($where: project_bool_exp!, $limit: Int!) {
  project(where: $where, order_by: [{name: asc}], limit: $limit) {
    id name description retention_days tenant_id
    flows_aggregate(where: {archived: {_eq: false}}) { aggregate { count } }
  }
  project_aggregate(where: $where) { aggregate { count } }
}`;

interface Project extends Pick<ProjectRow, "id" | "name" | "description" | "retention_days"> {
  readonly flows_aggregate: { readonly aggregate: { readonly count: number } };
}

interface Answered {
  readonly project: readonly Project[];
  readonly project_aggregate: { readonly aggregate: { readonly count: number } };
}

type Counts = Readonly<Record<string, Parameters<typeof countsOf>[0]>>;

/** A document that counts the runs of so many projects by state: `p0`, `p1` ... */
function runsOf(projects: number): string {
  const numbers = [...Array(projects).keys()];
  const variables = numbers.map((number) => `$p${number}: flow_run_bool_exp!`).join(", ");
  const fields = numbers.map(
    (number) =>
      `p${number}: flow_run_aggregate(where: $p${number}, group_by: [state]) { groups { key { state } aggregate { count } } }`,
  );
  return `query runs_of_projects(${variables}) {\n${fields.join("\n")}\n}`;
}

const CREATE = `
mutation create_project($input: create_project_input!) { create_project(input: $input) { id } }`;
const RENAME = `
mutation set_project_name($id: UUID!, $name: String!) {
  set_project_name(input: {project_id: $id, name: $name}) { id }
}`;
const DESCRIBE = `
mutation set_project_description($id: UUID!, $description: String) {
  set_project_description(input: {project_id: $id, description: $description}) { success }
}`;
const RETAIN = `
mutation set_project_retention($id: UUID!, $days: Int) {
  set_project_retention(input: {project_id: $id, retention_days: $days}) { id }
}`;
const DELETE = `
mutation delete_project($id: UUID!) { delete_project(input: {project_id: $id}) { success } }`;

const route = getRouteApi("/projects");

type Asked = { readonly action: "edit" | "delete"; readonly project: Project } | { readonly action: "create" };

/** Every project: what it is for, its flows, and how the runs of the last day went. */
export function Projects(): JSX.Element {
  const search = route.useSearch();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked | null>(null);
  const reason = useReasonAgainst("user");
  const answer = useAsk<Answered>(PROJECTS, {
    where: search.name === undefined ? {} : { name: { _ilike: containing(search.name) } },
    limit: MOST_SHOWN,
  });
  useLive(NEWEST);
  const close = () => setAsked(null);
  return (
    <Page
      title="Projects"
      tools={
        <Button disabled={reason !== null} title={reason ?? undefined} onClick={() => setAsked({ action: "create" })}>
          New project …
        </Button>
      }
    >
      <div className="filters">
        <SearchField
          label="Name contains"
          value={search.name}
          onChange={(name) =>
            void navigate({
              to: "/projects",
              search: (name === undefined ? {} : { name }) as ProjectsSearch,
              replace: true,
            })
          }
        />
        {reason !== null && <span className="soft">{reason}</span>}
      </div>
      <Answer of={answer} what="projects">
        {(data) => (
          <>
            {data.project.length === 0 ? (
              search.name === undefined ? (
                <Empty title="There is no project yet">Flows are registered into projects.</Empty>
              ) : (
                <Empty title="No project is called so" />
              )
            ) : (
              <List projects={data.project} reason={reason} onAsk={setAsked} />
            )}
            {data.project_aggregate.aggregate.count > data.project.length && (
              <p className="soft">
                The first {MOST_SHOWN} of {data.project_aggregate.aggregate.count.toLocaleString("en")}: search for
                others by their names.
              </p>
            )}
            {asked?.action === "create" && <Create onClose={close} />}
            {asked?.action === "edit" && <Edit project={asked.project} onClose={close} />}
            {asked?.action === "delete" && (
              <Confirm
                title="Delete the project"
                says="Delete"
                isDanger
                typed={asked.project.name.length <= 60 ? asked.project.name : "delete"}
                run={() => ask(DELETE, { id: asked.project.id })}
                onClose={close}
              >
                <p className="soft">
                  The project, its flows and all their runs are deleted, with their logs. This cannot be undone.
                </p>
              </Confirm>
            )}
          </>
        )}
      </Answer>
    </Page>
  );
}

interface ListProps {
  readonly projects: readonly Project[];
  readonly reason: string | null;
  readonly onAsk: (asked: Asked) => void;
}

function List({ projects, reason, onAsk }: ListProps): JSX.Element {
  const minute = Math.floor(useNow() / 60_000) * 60_000;
  const variables = useMemo(
    () =>
      Object.fromEntries(
        projects.map(({ id }, index) => [
          `p${index}`,
          {
            flow: { project_id: { _eq: id } },
            scheduled_start_time: {
              _gte: new Date(minute - 86_400_000).toISOString(),
              _lte: new Date(minute + 60_000).toISOString(),
            },
          },
        ]),
      ),
    [projects, minute],
  );
  const counts = useAsk<Counts>(runsOf(projects.length), variables);
  return (
    <table className="table projects" aria-label="Projects">
      <thead>
        <tr>
          <th style={{ width: "22%" }}>Project</th>
          <th>Description</th>
          <th style={{ width: "5rem" }} className="number">
            Flows
          </th>
          <th style={{ width: "26%" }}>Runs of the last day</th>
          <th style={{ width: "8rem" }}>Runs are kept</th>
          <th style={{ width: "3rem" }}>
            <span className="visually-hidden">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {projects.map((project, index) => {
          const found = countsOf(counts.data?.[`p${index}`]);
          const total = found.reduce((sum, { count }) => sum + count, 0);
          return (
            <tr key={project.id}>
              <td>
                <Link
                  to="/flows"
                  search={{ project: project.name }}
                  className="bare-link project-name"
                  title={project.name}
                >
                  {project.name}
                </Link>
              </td>
              <td title={project.description ?? ""} className="soft">
                {project.description}
              </td>
              <td className="number">{project.flows_aggregate.aggregate.count.toLocaleString("en")}</td>
              <td>
                <Link
                  to="/"
                  search={{ project: project.name }}
                  className="bare-link project-runs"
                  aria-label={`${total} runs of ${project.name} in the last day`}
                >
                  <span className="number">{total.toLocaleString("en")}</span>
                  <StateBar counts={found} />
                </Link>
              </td>
              <td className="soft">
                {project.retention_days === null ? "for ever" : `${project.retention_days.toLocaleString("en")} days`}
              </td>
              <td className="project-menu">
                <Menu position="bottom-end" width={180}>
                  <Menu.Target>
                    <Button
                      size="compact-xs"
                      variant="subtle"
                      aria-label={`What can be done to ${project.name}`}
                      disabled={reason !== null}
                    >
                      …
                    </Button>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item onClick={() => onAsk({ action: "edit", project })}>Change …</Menu.Item>
                    <Menu.Item onClick={() => onAsk({ action: "delete", project })} className="danger">
                      Delete …
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Create({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const tenant = tenantOf(useSession().data);
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  return (
    <Confirm
      title="New project"
      says="Make it"
      isReady={name.trim() !== ""}
      run={() =>
        ask(CREATE, {
          input: {
            tenant_id: tenant,
            name: name.trim(),
            ...(description === "" ? {} : { description }),
          },
        })
      }
      onClose={onClose}
    >
      <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
      <Textarea
        label="Description"
        autosize
        minRows={2}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
    </Confirm>
  );
}

function Edit({ project, onClose }: { readonly project: Project; readonly onClose: () => void }): JSX.Element {
  const [name, setName] = useState(project.name);
  const [description, setDescription] = useState(project.description ?? "");
  const [days, setDays] = useState<number | string>(project.retention_days ?? "");
  const { id } = project;
  const run = async () => {
    if (name.trim() !== project.name) await ask(RENAME, { id, name: name.trim() });
    if (description !== (project.description ?? "")) await ask(DESCRIBE, { id, description });
    if (days !== (project.retention_days ?? "")) await ask(RETAIN, { id, days: days === "" ? null : Number(days) });
  };
  return (
    <Confirm title="Change the project" says="Save" isReady={name.trim() !== ""} run={run} onClose={onClose}>
      <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
      <Textarea
        label="Description"
        autosize
        minRows={2}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <NumberInput
        label="Days that runs are kept"
        description="Runs that ended earlier are deleted, with their logs. Nothing: for ever"
        size="xs"
        min={1}
        allowDecimal={false}
        value={days}
        onChange={setDays}
      />
    </Confirm>
  );
}
