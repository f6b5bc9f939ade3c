/** Who looks at the page, and what they may do: the session that the server keeps, of which a browser has only the cookie. */

import { useMemo, useSyncExternalStore } from "react";
import { type RoleName, reasonAgainstRole } from "../lib/roles";
import { ApiError, tellStrangers } from "./client";

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
}

export interface Session {
  readonly requires_keys: boolean;
  readonly authenticated: boolean;
  readonly role: RoleName | null;
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
  /** Why it is not known. */
  readonly error: Error | null;
}

/** What a session means for who looks. `before` is what was known until now. */
export function accessOf(session: Session, before: Access): Access {
  if (session.authenticated) return "granted";
  if (session.role !== null && !session.requires_keys) return "open";
  return before === "granted" || before === "lost" ? "lost" : "needed";
}

export class SessionClient {
  private state: SessionState = { access: "unknown", session: null, error: null };
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
    } catch (error) {
      const wrong = error instanceof Error ? error : new Error(String(error));
      if (this.state.access === "unknown") this.become({ access: "open", session: null, error: wrong });
    }
  }

  private accept(session: Session): void {
    this.become({ access: accessOf(session, this.state.access), session, error: null });
  }

  /** Give a key away for a session. Raises ApiError. */
  async logIn(key: string): Promise<void> {
    this.accept(await send("POST", "/auth/login", { key }));
  }

  async logOut(): Promise<void> {
    await send("POST", "/auth/logout", {});
    const session = await send("GET", "/auth/session");
    this.become({ access: accessOf(session, "needed"), session, error: null });
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

/** Whether whoever looks has come in, and as whom. */
export function useAccess(): SessionState {
  return useSyncExternalStore(session.subscribe, session.snapshot);
}

interface Known {
  readonly data: Session | undefined;
  readonly error: Error | null;
  readonly refetch: () => Promise<void>;
}

/** The role, key and tenants of whoever looks, as an answer. */
export function useSession(): Known {
  const { session: known, error } = useAccess();
  return useMemo(() => ({ data: known ?? undefined, error, refetch: () => session.load() }), [known, error]);
}

/** Why the viewer's role does not suffice for something; null where it does. */
export function useReasonAgainst(needs: RoleName): string | null {
  return reasonAgainstRole(useSession().data?.role, needs);
}

/** The tenant that a viewer makes things for: that of the key, else the first. */
export function tenantOf(known: Session | undefined): string | undefined {
  return known?.tenant_id ?? known?.tenants[0]?.id;
}
