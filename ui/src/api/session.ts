/** Who looks at the page, as far as the server knows. */

import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { type RoleName, reasonAgainstRole } from "../lib/roles";
import { ApiError } from "./client";

export interface Session {
  readonly requires_keys: boolean;
  readonly authenticated: boolean;
  readonly role: RoleName | null;
  readonly key: { readonly id: string; readonly name: string } | null;
  readonly tenant_id: string | null;
  readonly tenants: readonly { readonly id: string; readonly name: string; readonly slug: string }[];
  readonly version: string;
}

async function readSession(signal: AbortSignal): Promise<Session> {
  let response: Response;
  try {
    response = await fetch("/auth/session", { headers: { accept: "application/json" }, signal });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError("The server does not answer. It may have been stopped.", "UNREACHABLE", 0);
  }
  return (await response.json()) as Session;
}

/** The role, key and tenants of whoever looks at the page; asked once. */
export function useSession(): UseQueryResult<Session, Error> {
  return useQuery({ queryKey: ["session"], queryFn: ({ signal }) => readSession(signal), meta: { fixed: true } });
}

/** Why the viewer's role does not suffice for something; null where it does. */
export function useReasonAgainst(needs: RoleName): string | null {
  return reasonAgainstRole(useSession().data?.role, needs);
}

/** The tenant that a viewer makes things for: that of the key, else the first. */
export function tenantOf(session: Session | undefined): string | undefined {
  return session?.tenant_id ?? session?.tenants[0]?.id;
}
