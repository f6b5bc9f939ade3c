import { expect, test } from "vitest";
import { changes, creation, destination, draftOf, type Hook, isReady } from "./hook";

const SLACK: Hook = {
  id: "h1",
  name: "chat",
  type: "SLACK_WEBHOOK",
  active: true,
  version_group_id: "v1",
  states: ["Failed"],
  url: "https://hooks.slack.com/…",
  to: null,
  run_filter: { labels: ["b", "a"], only_final: false },
  template: { text: "{flow.name}" },
};
const MAIL: Hook = { ...SLACK, type: "EMAIL", url: null, to: ["a@b.org", "c@d.org"], run_filter: null, template: null };
const SIGNED: Hook = { ...SLACK, type: "WEBHOOK", url: "https://h.example/…" };

test("nothing is changed where nothing was said, and no address is sent that was only shown", () => {
  for (const hook of [SLACK, MAIL, SIGNED]) {
    expect(changes(draftOf(hook), hook)).toEqual({ cloud_hook_id: "h1" });
    expect(isReady(draftOf(hook), hook)).toBe(true);
  }
  expect(draftOf(SLACK).address).toBe("");
});

test("only what is changed is sent; what is emptied is taken away", () => {
  const draft = { ...draftOf(SLACK), name: " talk ", group: null, filter: {}, text: " " };
  expect(changes(draft, SLACK)).toEqual({
    cloud_hook_id: "h1",
    name: "talk",
    version_group_id: "",
    run_filter: {},
    template: {},
  });
  const other = { ...draftOf(SLACK), states: ["Success"], address: " https://other.example/key ", title: "t" };
  expect(changes(other, SLACK)).toEqual({
    cloud_hook_id: "h1",
    states: ["Success"],
    config: { url: "https://other.example/key" },
    template: { title: "t", text: "{flow.name}" },
  });
});

test("the order of labels is no change", () => {
  const draft = { ...draftOf(SLACK), filter: { labels: ["a", "b"] } };
  expect(changes(draft, SLACK)).toEqual({ cloud_hook_id: "h1" });
});

test("receivers of mails are known, and changed whole", () => {
  const draft = draftOf(MAIL);
  expect(draft.address).toBe("a@b.org, c@d.org");
  expect(draftOf({ ...MAIL, to: "a@b.org" }).address).toBe("a@b.org");
  expect(changes({ ...draft, address: "a@b.org, ,e@f.org" }, MAIL).config).toEqual({ to: ["a@b.org", "e@f.org"] });
  expect(isReady({ ...draft, address: " " }, MAIL)).toBe(false);
});

test("a secret is kept, set anew, or forgotten", () => {
  const draft = draftOf(SIGNED);
  expect("secret" in changes(draft, SIGNED)).toBe(false);
  expect(changes({ ...draft, secret: "new" }, SIGNED).secret).toBe("new");
  expect(changes({ ...draft, isUnsigned: true }, SIGNED).secret).toBe("");
});

test("a new hook says all that is needed", () => {
  const draft = draftOf(null);
  expect(isReady(draft, null)).toBe(false);
  expect(isReady({ ...draft, name: "n" }, null)).toBe(true);
  expect(isReady({ ...draft, name: "n", states: [] }, null)).toBe(false);
  expect(isReady({ ...draft, name: "n", type: "WEBHOOK" }, null)).toBe(false);
  const made = creation({ ...draft, name: "n", type: "WEBHOOK", address: "https://h", secret: "s" }, "t");
  expect(made).toEqual({
    tenant_id: "t",
    name: "n",
    type: "WEBHOOK",
    states: ["Failed"],
    version_group_id: null,
    config: { url: "https://h" },
    secret: "s",
  });
  expect("secret" in creation({ ...draft, name: "n", secret: "typed for another type" }, "t")).toBe(false);
});

test("a hook without a name stays without one, and one of a type that is not made here can be changed", () => {
  const nameless: Hook = { ...SLACK, name: null, type: "TWILIO", url: null };
  expect(isReady(draftOf(nameless), nameless)).toBe(true);
  expect(changes({ ...draftOf(nameless), states: ["Success"] }, nameless)).toEqual({
    cloud_hook_id: "h1",
    states: ["Success"],
  });
  expect(isReady({ ...draftOf(SLACK), name: " " }, SLACK)).toBe(false);
});

test("whom it tells is said as far as it is known", () => {
  expect(destination(SLACK)).toBe("https://hooks.slack.com/…");
  expect(destination(MAIL)).toBe("a@b.org, c@d.org");
  expect(destination({ url: null, to: null })).toBe("");
});
