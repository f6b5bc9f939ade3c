import { TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type JSX, useEffect, useState } from "react";
import { useAsk } from "../api/hooks";
import type { FlowRow, FlowRunRow, ProjectRow } from "../api/tables";
import { containing, isId } from "../lib/match";
import { Dialog } from "./Dialog";
import { PLACES } from "./places";
import { StateShape } from "./State";

const SEARCH = `
query search($like: String!) {
  flow_run(where: {name: {_ilike: $like}}, order_by: [{scheduled_start_time: desc}], limit: 8) {
    id name state flow { name }
  }
  flow(where: {name: {_ilike: $like}, archived: {_eq: false}}, order_by: [{name: asc}], limit: 6) {
    id name project { name }
  }
  project(where: {name: {_ilike: $like}}, order_by: [{name: asc}], limit: 4) { id name }
}`;

const BY_ID = `
query search_by_id($id: uuid!) {
  flow_run_by_pk(id: $id) { id name state flow { name } }
  flow_by_pk(id: $id) { id name project { name } }
  task_run_by_pk(id: $id) { id name state flow_run { id name } task { name } }
}`;

type Run = Pick<FlowRunRow, "id" | "name" | "state"> & { readonly flow: Pick<FlowRow, "name"> | null };
type Flow = Pick<FlowRow, "id" | "name"> & { readonly project: Pick<ProjectRow, "name"> | null };

interface Found {
  readonly flow_run: readonly Run[];
  readonly flow: readonly Flow[];
  readonly project: readonly Pick<ProjectRow, "id" | "name">[];
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
}

interface Item {
  readonly group: string;
  readonly id: string;
  readonly says: string;
  readonly beside?: string | undefined;
  readonly state?: string | null;
  readonly to: string;
}

interface PaletteProps {
  readonly onClose: () => void;
}

/** Goes anywhere: pages, and what is found by name or id. */
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
  const items: Item[] = [
    ...PLACES.filter((place) => place.says.toLowerCase().includes(settled.toLowerCase())).map((place) => ({
      group: "Go to",
      id: place.to,
      says: place.says,
      beside: place.keys,
      to: place.to,
    })),
    ...(settled !== "" && !byId && found.data !== undefined ? itemsOf(found.data) : []),
    ...(byId && foundById.data !== undefined ? itemsById(foundById.data) : []),
  ];
  const current = Math.min(chosen, Math.max(0, items.length - 1));
  const open = (item: Item | undefined) => {
    if (item === undefined) return;
    onClose();
    void navigate({ to: item.to });
  };
  const isAsking = typed.trim() !== settled || found.isFetching || foundById.isFetching;
  return (
    <>
      <TextInput
        data-autofocus
        size="md"
        aria-label="Search flows, runs, tasks and projects"
        placeholder="A flow, a run, a project, or an id"
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
    ...found.project.map((project) => ({
      group: "Projects",
      id: project.id,
      says: project.name,
      to: `/flows?project=${encodeURIComponent(project.name)}`,
    })),
  ];
}

function itemsById(found: FoundById): Item[] {
  const { flow_run_by_pk: run, flow_by_pk: flow, task_run_by_pk: task } = found;
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
