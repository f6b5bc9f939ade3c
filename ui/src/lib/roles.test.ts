import { expect, test } from "vitest";
import { reasonAgainstRole } from "./roles";

test("a role allows what the ones before it do", () => {
  expect(reasonAgainstRole("admin", "user")).toBeNull();
  expect(reasonAgainstRole("user", "user")).toBeNull();
  expect(reasonAgainstRole("user", "admin")).toBe("It takes an API key with the role admin, and yours has user.");
});

test("who is unknown is held back, and who has not been asked for is not", () => {
  expect(reasonAgainstRole(null, "read-only")).toContain("Log in");
  expect(reasonAgainstRole(undefined, "admin")).toBeNull();
});
