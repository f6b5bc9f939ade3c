/** What the role of an API key allows: each all that the ones before it do. */
export const ROLES = ["read-only", "user", "admin"] as const;
export type RoleName = (typeof ROLES)[number];

/** Why a role does not suffice; null where it does. A role that is not known yet is not held against anybody. */
export function reasonAgainstRole(role: string | null | undefined, needs: RoleName): string | null {
  if (role === undefined) return null;
  if (role === null) return "Log in first: the server answers nobody without an API key.";
  if (ROLES.indexOf(role as RoleName) >= ROLES.indexOf(needs)) return null;
  return `It takes an API key with the role ${needs}, and yours has ${role}.`;
}
