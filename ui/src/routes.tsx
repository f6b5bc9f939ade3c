/** Every address of the page and what it shows. Pages are loaded when they are first opened. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type SearchParser,
  type SearchSerializer,
} from "@tanstack/react-router";
import { readDashboard } from "./pages/dashboard/search";
import { readFlow } from "./pages/flow/search";
import { readFlowRun } from "./pages/flow-run/search";
import { readFlowRuns } from "./pages/flow-runs/search";
import { readFlows } from "./pages/flows/search";
import { Missing } from "./pages/missing/Missing";
import { readProjects } from "./pages/projects/search";
import { readTaskRun } from "./pages/task-run/search";
import { readAgents, readAudit, readKeyValues } from "./pages/team/search";
import { Wrong } from "./parts/Notice";
import { Shell } from "./parts/Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: Missing, errorComponent: Wrong });

const dashboard = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: readDashboard,
  component: lazyRouteComponent(() => import("./pages/dashboard/Dashboard"), "Dashboard"),
});

const flowRuns = createRoute({
  getParentRoute: () => root,
  path: "/flow-runs",
  validateSearch: readFlowRuns,
  component: lazyRouteComponent(() => import("./pages/flow-runs/FlowRuns"), "FlowRuns"),
});

const flowRun = createRoute({
  getParentRoute: () => root,
  path: "/flow-run/$id",
  validateSearch: readFlowRun,
  component: lazyRouteComponent(() => import("./pages/flow-run/FlowRun"), "FlowRun"),
});

const agents = createRoute({
  getParentRoute: () => root,
  path: "/team/agents",
  validateSearch: readAgents,
  component: lazyRouteComponent(() => import("./pages/team/Agents"), "Agents"),
});

const limits = createRoute({
  getParentRoute: () => root,
  path: "/team/limits",
  component: lazyRouteComponent(() => import("./pages/team/Limits"), "Limits"),
});

const keyValues = createRoute({
  getParentRoute: () => root,
  path: "/team/key-values",
  validateSearch: readKeyValues,
  component: lazyRouteComponent(() => import("./pages/team/KeyValues"), "KeyValues"),
});

const secrets = createRoute({
  getParentRoute: () => root,
  path: "/team/secrets",
  component: lazyRouteComponent(() => import("./pages/team/Secrets"), "Secrets"),
});

const hooks = createRoute({
  getParentRoute: () => root,
  path: "/team/hooks",
  component: lazyRouteComponent(() => import("./pages/team/Hooks"), "Hooks"),
});

const automations = createRoute({
  getParentRoute: () => root,
  path: "/team/automations",
  component: lazyRouteComponent(() => import("./pages/team/Automations"), "Automations"),
});

const keys = createRoute({
  getParentRoute: () => root,
  path: "/team/keys",
  component: lazyRouteComponent(() => import("./pages/team/Keys"), "Keys"),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: "/team/audit",
  validateSearch: readAudit,
  component: lazyRouteComponent(() => import("./pages/team/Audit"), "Audit"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/team/settings",
  component: lazyRouteComponent(() => import("./pages/team/Settings"), "Settings"),
});

const team = createRoute({
  getParentRoute: () => root,
  path: "/team",
  beforeLoad: () => {
    throw redirect({ to: "/team/agents", replace: true });
  },
});

const apiConsole = createRoute({
  getParentRoute: () => root,
  path: "/console",
  component: lazyRouteComponent(() => import("./pages/console/Console"), "Console"),
});

const ofTeam = [team, agents, limits, keyValues, secrets, hooks, automations, keys, audit, settings];

const flows = createRoute({
  getParentRoute: () => root,
  path: "/flows",
  validateSearch: readFlows,
  component: lazyRouteComponent(() => import("./pages/flows/Flows"), "Flows"),
});

const flow = createRoute({
  getParentRoute: () => root,
  path: "/flow/$id",
  validateSearch: readFlow,
  component: lazyRouteComponent(() => import("./pages/flow/Flow"), "Flow"),
});

const projects = createRoute({
  getParentRoute: () => root,
  path: "/projects",
  validateSearch: readProjects,
  component: lazyRouteComponent(() => import("./pages/projects/Projects"), "Projects"),
});

const taskRun = createRoute({
  getParentRoute: () => root,
  path: "/task-run/$id",
  validateSearch: readTaskRun,
  component: lazyRouteComponent(() => import("./pages/task-run/TaskRun"), "TaskRun"),
});

// Programs of 1.x write addresses that begin with a tenant: /default/flow-run/ID.
const ofTenant = createRoute({
  getParentRoute: () => root,
  path: "/$tenant/flow-run/$id",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/flow-run/$id", params: { id: params.id }, replace: true });
  },
});

const taskRunOfTenant = createRoute({
  getParentRoute: () => root,
  path: "/$tenant/task-run/$id",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/task-run/$id", params: { id: params.id }, replace: true });
  },
});

const flowOfTenant = createRoute({
  getParentRoute: () => root,
  path: "/$tenant/flow/$id",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/flow/$id", params: { id: params.id }, replace: true });
  },
});

// Whoever goes there is asked for a key before anything else, where one is needed.
const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  beforeLoad: () => {
    throw redirect({ to: "/", replace: true });
  },
});

const routeTree = root.addChildren([
  dashboard,
  flowRuns,
  flowRun,
  taskRun,
  flows,
  flow,
  projects,
  ...ofTeam,
  apiConsole,
  ofTenant,
  flowOfTenant,
  taskRunOfTenant,
  login,
]);

// An address says what it says in plain words: ?state=Failed&name=daily.
const parseSearch: SearchParser = (search) => Object.fromEntries(new URLSearchParams(search));
const stringifySearch: SearchSerializer = (search) => {
  const said = Object.entries(search).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const written = new URLSearchParams(said.map(([name, value]) => [name, String(value)]))
    .toString()
    .replaceAll("%2C", ",");
  return written === "" ? "" : `?${written}`;
};

export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultErrorComponent: ({ error }) => <Wrong error={error} onRetry={() => location.reload()} />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
