/** The pages that are always in reach: in the rail, in the palette and by key. A new page adds a line. */

export interface Place {
  readonly to: string;
  readonly says: string;
  readonly keys: string;
  /** What is drawn before it: the path of a 16 by 16 picture. */
  readonly picture: string;
  /** Every address that begins so is part of it; without, those that begin with `to`. */
  readonly within?: string;
}

export const PLACES: readonly Place[] = [
  { to: "/", says: "Dashboard", keys: "g d", picture: "M2 2h5v7H2zm7 0h5v4H9zM2 11h5v3H2zm7-3h5v6H9z" },
  { to: "/flows", says: "Flows", keys: "g f", picture: "M2 3h4v4H2zm8 6h4v4h-4zM4 7v4h6" },
  { to: "/flow-runs", says: "Flow runs", keys: "g r", picture: "M2 3h9M2 8h12M2 13h6" },
  { to: "/projects", says: "Projects", keys: "g p", picture: "M2 4h4l2 2h6v7H2z" },
  {
    to: "/team/agents",
    says: "Team",
    keys: "g t",
    picture: "M2 13.5c0-2.2 1.8-4 4-4s4 1.8 4 4M6 7.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4m5 6h3c0-2-1.3-3.6-3-4",
    within: "/team/",
  },
  { to: "/console", says: "API console", keys: "g a", picture: "m2 4 4 4-4 4m6 .5h6" },
];

/** The pages of a team: in the palette, and one beside the other on each of them. */
export const TEAM: readonly { readonly to: string; readonly says: string }[] = [
  { to: "/team/agents", says: "Agents" },
  { to: "/team/limits", says: "Concurrency limits" },
  { to: "/team/key-values", says: "Key-value pairs" },
  { to: "/team/secrets", says: "Secrets" },
  { to: "/team/hooks", says: "Hooks" },
  { to: "/team/automations", says: "Automations" },
  { to: "/team/keys", says: "API keys" },
  { to: "/team/audit", says: "Audit log" },
  { to: "/team/settings", says: "Settings" },
];
