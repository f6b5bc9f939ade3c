import { Button, Tabs } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { JSX } from "react";
import { useAsk, useLive } from "../../api/hooks";
import { useKeys } from "../../lib/keys";
import { isId } from "../../lib/match";
import { Answer, Empty } from "../../parts/Notice";
import { Page, useTab } from "../../parts/Page";
import { Grid } from "./Grid";
import { Overview } from "./Overview";
import { CHANGES, FLOW, type FlowAnswer, type Flow as Version } from "./questions";
import { RunForm } from "./RunForm";
import { Schematic } from "./Schematic";
import { Settings } from "./Settings";
import type { FlowSearch, Tab } from "./search";
import { Versions } from "./Versions";
import "./flow.css";

export type Changed = { [Key in keyof FlowSearch]: FlowSearch[Key] | undefined };

const route = getRouteApi("/flow/$id");

const NAMES: Record<Tab, string> = {
  overview: "Overview",
  run: "Run",
  tasks: "Tasks by runs",
  schematic: "Schematic",
  versions: "Versions",
  settings: "Settings",
};

/** One flow: how its runs went, when the next ones come, what each task did in each of them, and a run to be made. */
export function Flow(): JSX.Element {
  const { id } = route.useParams();
  return isId(id) ? <OneFlow key={id} id={id} /> : <NoFlow id={id} />;
}

function OneFlow({ id }: { readonly id: string }): JSX.Element {
  const answer = useAsk<FlowAnswer>(FLOW, { id });
  return (
    <Answer of={answer} what="the flow">
      {({ flow_by_pk, newest }) => {
        const flow = flow_by_pk ?? newest[0];
        return flow === undefined ? <NoFlow id={id} /> : <Shown id={id} flow={flow} />;
      }}
    </Answer>
  );
}

function NoFlow({ id }: { readonly id: string }): JSX.Element {
  return (
    <Page title="There is no such flow">
      <Empty title={id}>
        It may have been deleted, or the address was cut off. <Link to="/flows">All flows</Link> are listed, and the
        search finds one by its name or id.
      </Empty>
    </Page>
  );
}

function Shown({ id, flow }: { readonly id: string; readonly flow: Version }): JSX.Element {
  const search = route.useSearch();
  const navigate = useNavigate();
  const tab = search.tab ?? "overview";
  const change = (changed: Changed) =>
    void navigate({
      to: "/flow/$id",
      params: { id },
      search: { ...search, ...changed } as FlowSearch,
      replace: true,
    });
  const show = (next: Tab) => change({ tab: next === "overview" ? undefined : next });
  useTab(flow.name);
  useLive(CHANGES, { group: flow.flow_group_id });
  useKeys("Flow", [
    { keys: "o", says: "overview", run: () => show("overview") },
    { keys: "r", says: "run it", run: () => show("run") },
    { keys: "t", says: "tasks by runs", run: () => show("tasks") },
    { keys: "v", says: "versions", run: () => show("versions") },
    { keys: "s", says: "schematic", run: () => show("schematic") },
    { keys: ",", says: "settings", run: () => show("settings") },
  ]);
  return (
    <>
      <nav className="crumbs" aria-label="Where this flow belongs">
        <Link to="/flows" className="bare-link">
          Flows
        </Link>
        {flow.project !== null && (
          <>
            <span aria-hidden="true">/</span>
            <Link to="/flows" search={{ project: flow.project.name }} className="bare-link">
              {flow.project.name}
            </Link>
          </>
        )}
      </nav>
      <div className="page-head flow-head">
        <h1 className="page-title clip" title={flow.name}>
          {flow.name}
        </h1>
        <span className="soft">version {flow.version}</span>
        {flow.archived && <span className="label">archived</span>}
        {(flow.flow_group?.labels as readonly string[] | null)?.map((label) => (
          <span key={label} className="label">
            {label}
          </span>
        ))}
        <div className="page-tools">
          {tab !== "run" && <Button onClick={() => show("run")}>Run …</Button>}
          <Link to="/flow-runs" search={{ flow: flow.name }} className="bare-link soft">
            All its runs
          </Link>
        </div>
      </div>
      {descriptionOf(flow) !== null && <p className="flow-description soft">{descriptionOf(flow)}</p>}
      <Tabs value={tab} onChange={(value) => show((value ?? "overview") as Tab)} keepMounted={false}>
        <Tabs.List>
          {(Object.keys(NAMES) as Tab[]).map((name) => (
            <Tabs.Tab key={name} value={name}>
              {NAMES[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview" className="tab">
          <Overview flow={flow} />
        </Tabs.Panel>
        <Tabs.Panel value="run" className="tab">
          <RunForm key={search.like ?? ""} flow={flow} like={search.like} />
        </Tabs.Panel>
        <Tabs.Panel value="tasks" className="tab">
          <Grid flow={flow} search={search} change={change} />
        </Tabs.Panel>
        <Tabs.Panel value="schematic" className="tab">
          <Schematic flow={flow} search={search} change={change} />
        </Tabs.Panel>
        <Tabs.Panel value="versions" className="tab">
          <Versions flow={flow} />
        </Tabs.Panel>
        <Tabs.Panel value="settings" className="tab">
          <Settings key={flow.id} flow={flow} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

/** What the flow's settings say it is, else what this version says. */
export function descriptionOf(flow: Version): string | null {
  const said = flow.flow_group?.description ?? flow.description;
  return said === null || said.trim() === "" ? null : said;
}
