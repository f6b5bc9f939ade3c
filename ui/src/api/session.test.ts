import { afterEach, expect, test, vi } from "vitest";
import { accessOf, type Session, SessionClient, tenantOf } from "./session";

const OPEN: Session = {
  requires_keys: false,
  authenticated: false,
  role: "admin",
  key: null,
  tenant_id: null,
  tenants: [],
  version: "1",
};
const CLOSED: Session = { ...OPEN, requires_keys: true, role: null };
const READER: Session = { ...CLOSED, authenticated: true, role: "read-only", key: { id: "1", name: "wall" } };

afterEach(() => vi.unstubAllGlobals());

function answering(...answers: [number, object][]): void {
  vi.stubGlobal("fetch", () => {
    const [status, body] = answers.shift() ?? [500, {}];
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
}

test("a server without keys is open, one with keys needs one", () => {
  expect(accessOf(OPEN, "unknown")).toBe("open");
  expect(accessOf(CLOSED, "unknown")).toBe("needed");
  expect(accessOf(READER, "needed")).toBe("granted");
});

test("a session that the server has forgotten is lost, not needed", () => {
  expect(accessOf(CLOSED, "granted")).toBe("lost");
});

test("things are made for the tenant of the key, else for the first", () => {
  const one = { id: "1", name: "one", slug: "one" };
  expect(tenantOf({ ...OPEN, tenants: [one] })).toBe("1");
  expect(tenantOf({ ...READER, tenant_id: "2", tenants: [one] })).toBe("2");
  expect(tenantOf(undefined)).toBeUndefined();
});

test("logging in, being forgotten and logging in again", async () => {
  const client = new SessionClient();
  answering([200, CLOSED], [401, { errors: [{ message: "This is no API key." }] }], [200, READER], [200, READER]);
  await client.load();
  expect(client.snapshot().access).toBe("needed");
  await expect(client.logIn("wrong")).rejects.toThrow("This is no API key.");
  await client.logIn("right");
  expect(client.snapshot().session?.key?.name).toBe("wall");
  client.refused();
  expect(client.snapshot().access).toBe("lost");
  await client.logIn("right");
  expect(client.snapshot().access).toBe("granted");
});

test("logging out asks for a key", async () => {
  const client = new SessionClient();
  answering([200, READER], [200, { authenticated: false }], [200, CLOSED]);
  await client.load();
  await client.logOut();
  expect(client.snapshot().access).toBe("needed");
});
