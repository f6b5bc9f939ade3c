/** The pages that are always in reach: in the rail, in the palette and by key. A new page adds a line. */

export interface Place {
  readonly to: string;
  readonly says: string;
  readonly keys: string;
  /** What is drawn before it: the path of a 16 by 16 picture. */
  readonly picture: string;
}

export const PLACES: readonly Place[] = [
  { to: "/", says: "Dashboard", keys: "g d", picture: "M2 2h5v7H2zm7 0h5v4H9zM2 11h5v3H2zm7-3h5v6H9z" },
  { to: "/flows", says: "Flows", keys: "g f", picture: "M2 3h4v4H2zm8 6h4v4h-4zM4 7v4h6" },
  { to: "/flow-runs", says: "Flow runs", keys: "g r", picture: "M2 3h9M2 8h12M2 13h6" },
  { to: "/projects", says: "Projects", keys: "g p", picture: "M2 4h4l2 2h6v7H2z" },
];
