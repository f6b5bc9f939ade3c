import { TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type JSX, useEffect, useMemo, useState } from "react";
import { useAsk } from "../api/hooks";
import type { AgentRow, FlowRow, FlowRunRow, ProjectRow } from "../api/tables";
import { useRegisteredKeys } from "../lib/keys";
import { containing, howWell, isId } from "../lib/match";
import { Dialog } from "./Dialog";
import { named } from "./Help";
import { PLACES, TEAM } from "./places";
import { StateShape } from "./State";

const SEARCH = `
query search($like: String!) {
  flow_run(where: {name: {_ilike: $like}}, order_by: [{scheduled_start_time: desc}], limit: 8) {
    id name state flow { name }
  }
  flow(where: {name: {_ilike: $like}, archived: {_eq: false}}, order_by: [{name: asc}], limit: 6) {
    id name project { name }
  }
  task(where: {name: {_ilike: $like}, flow: {archived: {_eq: false}}}, order_by: [{name: asc}], limit: 5) {
    id name flow { name flow_runs(order_by: [{scheduled_start_time: desc_nulls_last}], limit: 1) { id } }
  }
  project(where: {name: {_ilike: $like}}, order_by: [{name: asc}], limit: 4) { id name }
  agent(where: {name: {_ilike: $like}}, order_by: [{last_queried: desc_nulls_last}], limit: 4) { id name type }
}`;

const BY_ID = `
query search_by_id($id: uuid!) {
  flow_run_by_pk(id: $id) { id name state flow { name } }
  flow_by_pk(id: $id) { id name project { name } }
  task_run_by_pk(id: $id) { id name state flow_run { id name } task { name } }
  agent_by_pk(id: $id) { id name type }
  project_by_pk(id: $id) { id name }
}`;

type Run = Pick<FlowRunRow, "id" | "name" | "state"> & { readonly flow: Pick<FlowRow, "name"> | null };
type Flow = Pick<FlowRow, "id" | "name"> & { readonly project: Pick<ProjectRow, "name"> | null };

interface Found {
  readonly flow_run: readonly Run[];
  readonly flow: readonly Flow[];
  readonly task: readonly {
    readonly id: string;
    readonly name: string | null;
    readonly flow: { readonly name: string; readonly flow_runs: readonly { readonly id: string }[] } | null;
  }[];
  readonly project: readonly Pick<ProjectRow, "id" | "name">[];
  readonly agent: readonly Pick<AgentRow, "id" | "name" | "type">[];
}

interface FoundById {
  readonly flow_run_by_pk: Run | null;
  readonly flow_by_pk: Flow | null;
  readonly task_run_by_pk: {
    readonly id: string;
    readonly name: string | null;
    readonly state: string | null;
    readonly flow_run: { readonly id: string; readonly name: string | null } | null;
    readonly task: { readonly name: string | null } | null;
  } | null;
  readonly agent_by_pk: Found["agent"][number] | null;
  readonly project_by_pk: Found["project"][number] | null;
}

interface Item {
  readonly group: string;
  readonly id: string;
  readonly says: string;
  readonly beside?: string | undefined;
  readonly state?: string | null;
  /** Where it leads, or what it does. */
  readonly to?: string;
  readonly run?: () => void;
}

interface PaletteProps {
  readonly onClose: () => void;
}

/** Goes anywhere and does anything: pages, what can be done on the one that is open, and what is found by name or id. */
export function Palette({ onClose }: PaletteProps): JSX.Element {
  return (
    <Dialog title="Search" isTitleHidden onClose={onClose}>
      <Searching onClose={onClose} />
    </Dialog>
  );
}

const SETTLED_MILLISECONDS = 150;

function Searching({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const [typed, setTyped] = useState("");
  const [settled, setSettled] = useState("");
  const [chosen, setChosen] = useState(0);
  const navigate = useNavigate();
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed.trim()), SETTLED_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [typed]);
  const byId = isId(settled);
  const found = useAsk<Found>(SEARCH, { like: containing(settled) }, { enabled: settled !== "" && !byId });
  const foundById = useAsk<FoundById>(BY_ID, { id: settled }, { enabled: byId });
  const registered = useRegisteredKeys();
  const commands = useMemo(() => commandsOf(registered), [registered]);
  const items: Item[] = [
    // Before anything is typed, what can be done here is nearest.
    ...(typed.trim() === ""
      ? [...commands.filter(isOfPage), ...PAGES, ...commands.filter((command) => !isOfPage(command))]
      : [...fitting(PAGES, typed), ...fitting(commands, typed).slice(0, MOST_COMMANDS)]),
    ...(settled !== "" && !byId && found.data !== undefined ? itemsOf(found.data) : []),
    ...(byId && foundById.data !== undefined ? itemsById(foundById.data) : []),
  ];
  const current = Math.min(chosen, Math.max(0, items.length - 1));
  const open = (item: Item | undefined) => {
    if (item === undefined) return;
    onClose();
    if (item.to !== undefined) void navigate({ to: item.to });
    // The dialog has to be gone first: what is done may open another, or want the focus.
    else setTimeout(() => item.run?.(), 0);
  };
  const isAsking = typed.trim() !== settled || found.isFetching || foundById.isFetching;
  return (
    <>
      <TextInput
        data-autofocus
        size="md"
        aria-label="Search flows, runs, tasks, projects, agents and commands"
        placeholder="A flow, a run, a task, an agent, a command, or an id"
        value={typed}
        role="combobox"
        aria-expanded={items.length > 0}
        aria-controls="palette-list"
        aria-activedescendant={items.length > 0 ? `palette-${current}` : undefined}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            const step = event.key === "ArrowDown" ? 1 : -1;
            if (items.length > 0) setChosen((current + step + items.length) % items.length);
          } else if (event.key === "PageDown" || event.key === "PageUp") {
            // To the next group, or the one before.
            event.preventDefault();
            setChosen(nextGroup(items, current, event.key === "PageDown" ? 1 : -1));
          } else if (event.key === "Enter") {
            event.preventDefault();
            open(items[current]);
          }
        }}
      />
      {found.error !== null && <p role="alert">{found.error.message}</p>}
      <div className="palette-list" id="palette-list" role="listbox" aria-label="Found">
        {items.map((item, index) => (
          <div key={`${item.group} ${item.id}`} role="presentation">
            {items[index - 1]?.group !== item.group && (
              <div className="palette-group" role="presentation">
                {item.group}
              </div>
            )}
            <div
              id={`palette-${index}`}
              role="option"
              className="palette-item"
              aria-selected={index === current}
              ref={index === current ? (element) => element?.scrollIntoView({ block: "nearest" }) : null}
              onClick={() => open(item)}
              onMouseMove={() => setChosen(index)}
            >
              {item.state !== undefined && <StateShape state={item.state} />}
              <span className="clip">{item.says}</span>
              <span className="faint clip">{item.beside}</span>
            </div>
          </div>
        ))}
      </div>
      {items.length === 0 && !isAsking && <p className="soft">Nothing is called so.</p>}
    </>
  );
}

function itemsOf(found: Found): Item[] {
  return [
    ...found.flow_run.map(runItem),
    ...found.flow.map(flowItem),
    ...found.task.map((task) => ({
      group: "Tasks",
      id: task.id,
      says: task.name ?? task.id,
      beside: task.flow?.name,
      to: taskAddress(task),
    })),
    ...found.project.map(projectItem),
    ...found.agent.map(agentItem),
  ];
}

/** A task is looked at in the newest run of its flow. */
function taskAddress({ name, flow }: Found["task"][number]): string {
  const run = flow?.flow_runs[0];
  if (run === undefined) return `/flow-runs?flow=${encodeURIComponent(flow?.name ?? "")}`;
  return `/flow-run/${run.id}?task=${encodeURIComponent(name ?? "")}`;
}

function projectItem(project: Found["project"][number]): Item {
  return {
    group: "Projects",
    id: project.id,
    says: project.name,
    to: `/flows?project=${encodeURIComponent(project.name)}`,
  };
}

function agentItem(agent: Found["agent"][number]): Item {
  return {
    group: "Agents",
    id: agent.id,
    says: agent.name ?? "agent",
    beside: agent.type ?? undefined,
    to: "/team/agents",
  };
}

const MOST_COMMANDS = 6;
const EVERYWHERE = "Everywhere";

const PAGES: readonly Item[] = [
  ...PLACES.map((place) => ({ group: "Go to", id: place.to, says: place.says, beside: place.keys, to: place.to })),
  ...TEAM.map((place) => ({ group: "Go to", id: `team ${place.to}`, says: place.says, beside: "Team", to: place.to })),
];

// Going to a page and opening the search are here already, and of a list one goes through the rows.
const NO_COMMANDS = new Set(["search", "next row", "row before", "open the row"]);

/** What can be done on the page that is open, by whatever keys it is done there. */
function commandsOf(registered: ReturnType<typeof useRegisteredKeys>): Item[] {
  return registered
    .filter(({ where }) => where !== "Go to")
    .toReversed()
    .flatMap(({ where, shortcuts }) =>
      shortcuts
        .filter(({ says }) => !NO_COMMANDS.has(says))
        .map(({ keys, says, run }) => ({
          group: where,
          id: `${where} ${keys}`,
          says: `${says[0]?.toUpperCase() ?? ""}${says.slice(1)}`,
          beside: keys.startsWith("mod+") ? named(keys) : keys,
          run: () => run(new KeyboardEvent("keydown", { key: keys })),
        })),
    );
}

function isOfPage({ group }: Item): boolean {
  return group !== EVERYWHERE;
}

function fitting(items: readonly Item[], typed: string): Item[] {
  return items
    .map((item) => ({ item, how: howWell(item.says, typed) }))
    .filter((entry): entry is { item: Item; how: number } => entry.how !== null)
    .toSorted((one, other) => one.how - other.how)
    .map(({ item }) => item);
}

function nextGroup(items: readonly Item[], current: number, step: 1 | -1): number {
  const heads = items.flatMap((item, index) => (items[index - 1]?.group === item.group ? [] : [index]));
  const found = step > 0 ? heads.find((head) => head > current) : heads.findLast((head) => head < current);
  return found ?? (step > 0 ? Math.max(0, items.length - 1) : 0);
}

function itemsById(found: FoundById): Item[] {
  const {
    flow_run_by_pk: run,
    flow_by_pk: flow,
    task_run_by_pk: task,
    agent_by_pk: agent,
    project_by_pk: project,
  } = found;
  const items: Item[] = [];
  if (run !== null) items.push(runItem(run));
  if (flow !== null) items.push(flowItem(flow));
  if (task !== null && task.flow_run !== null) {
    items.push({
      group: "Task runs",
      id: task.id,
      says: task.name ?? task.task?.name ?? task.id,
      beside: task.flow_run.name ?? undefined,
      state: task.state,
      to: `/flow-run/${task.flow_run.id}?task_run=${task.id}`,
    });
  }
  if (project !== null) items.push(projectItem(project));
  if (agent !== null) items.push(agentItem(agent));
  return items;
}

function runItem(run: Run): Item {
  return {
    group: "Flow runs",
    id: run.id,
    says: run.name ?? run.id,
    beside: run.flow?.name,
    state: run.state,
    to: `/flow-run/${run.id}`,
  };
}

function flowItem(flow: Flow): Item {
  return {
    group: "Flows",
    id: flow.id,
    says: flow.name,
    beside: flow.project?.name,
    to: `/flow/${flow.id}`,
  };
}
