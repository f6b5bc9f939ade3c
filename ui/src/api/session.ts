/** Who looks at the page, and what they may do: the session that the server keeps, of which a browser has only the cookie. */

import { useSyncExternalStore } from "react";
import { ApiError, tellStrangers } from "./client";

export type Level = "read-only" | "user" | "admin";

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
}

export interface Session {
  readonly requires_keys: boolean;
  readonly authenticated: boolean;
  readonly role: Level | null;
  readonly key: { readonly id: string; readonly name: string } | null;
  readonly tenant_id: string | null;
  readonly tenants: readonly Tenant[];
  readonly version: string;
}

/** `unknown`: not asked yet. `lost`: there was a session, and the server no longer knows it. */
export type Access = "unknown" | "open" | "needed" | "granted" | "lost";

export interface SessionState {
  readonly access: Access;
  readonly session: Session | null;
}

/** What a session means for who looks. `before` is what was known until now. */
export function accessOf(session: Session, before: Access): Access {
  if (session.authenticated) return "granted";
  if (session.role !== null && !session.requires_keys) return "open";
  return before === "granted" || before === "lost" ? "lost" : "needed";
}

const RANKS: readonly Level[] = ["read-only", "user", "admin"];

/** Why somebody may not do what needs a level; null where they may. */
export function reasonAgainstRole(state: SessionState, needs: Level): string | null {
  const role = state.session?.role;
  // Where nothing is known the server decides.
  if (role === null || role === undefined) return null;
  if (RANKS.indexOf(role) >= RANKS.indexOf(needs)) return null;
  return `Your key is ${role}, and this needs one that is ${needs}.`;
}

export class SessionClient {
  private state: SessionState = { access: "unknown", session: null };
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): SessionState => this.state;

  private become(state: SessionState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }

  /** Ask who this is. Where nobody answers the page goes on, and says so itself. */
  async load(): Promise<void> {
    try {
      this.accept(await send("GET", "/auth/session"));
    } catch {
      if (this.state.access === "unknown") this.become({ access: "open", session: null });
    }
  }

  private accept(session: Session): void {
    this.become({ access: accessOf(session, this.state.access), session });
  }

  /** Give a key away for a session. Raises ApiError. */
  async logIn(key: string): Promise<void> {
    this.accept(await send("POST", "/auth/login", { key }));
  }

  async logOut(): Promise<void> {
    await send("POST", "/auth/logout", {});
    const session = await send("GET", "/auth/session");
    this.become({ access: accessOf(session, "needed"), session });
  }

  /** The server has answered that it does not know who asks. */
  readonly refused = (): void => {
    if (this.state.access === "granted") this.become({ ...this.state, access: "lost" });
    else if (this.state.access === "open") void this.load();
  };
}

async function send(method: "GET" | "POST", path: string, body?: object): Promise<Session> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError("The server does not answer. It may have been stopped.", "UNREACHABLE", 0);
  }
  const answer = (await response.json()) as Session & { readonly errors?: readonly { readonly message: string }[] };
  const [error] = answer.errors ?? [];
  if (!response.ok || error !== undefined) {
    throw new ApiError(error?.message ?? `The server answered ${response.status}.`, "UNAUTHENTICATED", response.status);
  }
  return answer;
}

export const session = new SessionClient();
tellStrangers(session.refused);

/** Who looks, as far as it is known. */
export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.snapshot);
}

/** Why whoever looks may not do what needs a level; null where they may. */
export function useReasonAgainst(needs: Level): string | null {
  return reasonAgainstRole(useSession(), needs);
}
