/** What the form of a hook holds, and what is sent of it. Pure. */

import type { CloudHookRow, Json } from "../../api/tables";
import { isSame, type RunFilter, runFilterOf, tidy } from "./runFilter";

export type Hook = Pick<
  CloudHookRow,
  "id" | "name" | "type" | "active" | "version_group_id" | "run_filter" | "template"
> & {
  readonly states: readonly string[] | null;
  /** What is shown of whom it tells: of an address no more than the host. */
  readonly url: Json;
  readonly to: Json;
};

export const KINDS: Readonly<Record<string, string>> = {
  PREFECT_MESSAGE: "message on this page",
  WEBHOOK: "request with the facts as JSON",
  SLACK_WEBHOOK: "message in a chat (Slack)",
  EMAIL: "mail",
};

export interface HookDraft {
  readonly name: string;
  readonly type: string;
  readonly states: readonly string[];
  readonly group: string | null;
  readonly filter: RunFilter;
  readonly title: string;
  readonly text: string;
  /** The address, or the receivers of mails. Of a hook that is there the address is not known: empty, it stays. */
  readonly address: string;
  readonly secret: string;
  /** Of a hook that is there: its requests are not to be signed any more. */
  readonly isUnsigned: boolean;
}

/** What the form holds at first: what is known of a hook, or what a new one usually is. */
export function draftOf(hook: Hook | null): HookDraft {
  const template = templateOf(hook?.template);
  return {
    name: hook === null ? "" : (hook.name ?? ""),
    type: hook?.type ?? "PREFECT_MESSAGE",
    states: hook === null ? ["Failed"] : (hook.states ?? []),
    group: hook?.version_group_id ?? null,
    filter: runFilterOf(hook?.run_filter),
    title: template.title ?? "",
    text: template.text ?? "",
    address: hook?.type === "EMAIL" ? receivers(hook.to).join(", ") : "",
    secret: "",
    isUnsigned: false,
  };
}

interface Template {
  readonly title?: string;
  readonly text?: string;
}

function templateOf(kept: Json | undefined): Template {
  return kept !== null && typeof kept === "object" && !Array.isArray(kept) ? (kept as Template) : {};
}

function receivers(to: Json): readonly string[] {
  if (typeof to === "string") return [to];
  return Array.isArray(to) ? to.map(String) : [];
}

/** Whom a hook tells, as far as that may be shown. */
export function destination({ url, to }: Pick<Hook, "url" | "to">): string {
  return typeof url === "string" ? url : receivers(to).join(", ");
}

export function isByRequest(type: string): boolean {
  return type === "WEBHOOK" || type === "SLACK_WEBHOOK";
}

/** Whether the draft says all that is needed. A hook that is there keeps its address, and may have had no name. */
export function isReady(draft: HookDraft, hook: Hook | null): boolean {
  if (draft.states.length === 0) return false;
  if (draft.type === "EMAIL" && draft.address.trim() === "") return false;
  if (hook !== null) return draft.name.trim() !== "" || (hook.name ?? "") === "";
  return draft.name.trim() !== "" && (!isByRequest(draft.type) || draft.address.trim() !== "");
}

function configOf({ type, address }: HookDraft): Json {
  if (type === "EMAIL") {
    return {
      to: address
        .split(",")
        .map((one) => one.trim())
        .filter((one) => one !== ""),
    };
  }
  return isByRequest(type) ? { url: address.trim() } : {};
}

function wordsOf({ title, text }: HookDraft): Template {
  return { ...(title.trim() !== "" ? { title } : {}), ...(text.trim() !== "" ? { text } : {}) };
}

/** What makes a new hook. */
export function creation(draft: HookDraft, tenant: string | undefined): Record<string, unknown> {
  const filter = tidy(draft.filter);
  const template = wordsOf(draft);
  return {
    tenant_id: tenant,
    name: draft.name.trim(),
    type: draft.type,
    states: draft.states,
    version_group_id: draft.group,
    config: configOf(draft),
    ...(isSame(filter, {}) ? {} : { run_filter: filter }),
    ...(isSame(template, {}) ? {} : { template }),
    ...(draft.type === "WEBHOOK" && draft.secret !== "" ? { secret: draft.secret } : {}),
  };
}

/** What changes a hook that is there: nothing of what stays, so that two people may change different things. */
export function changes(draft: HookDraft, hook: Hook): Record<string, unknown> {
  const before = draftOf(hook);
  const changed = (read: (one: HookDraft) => unknown) => !isSame(read(draft), read(before));
  const isReceiversChanged = draft.type === "EMAIL" && changed(configOf);
  const isAddressGiven = isByRequest(draft.type) && draft.address.trim() !== "";
  return {
    cloud_hook_id: hook.id,
    ...(changed(({ name }) => name.trim()) ? { name: draft.name.trim() } : {}),
    ...(changed(({ states }) => states) ? { states: draft.states } : {}),
    ...(changed(({ group }) => group) ? { version_group_id: draft.group ?? "" } : {}),
    ...(changed(({ filter }) => tidy(filter)) ? { run_filter: tidy(draft.filter) } : {}),
    ...(changed(wordsOf) ? { template: wordsOf(draft) } : {}),
    ...(isReceiversChanged || isAddressGiven ? { config: configOf(draft) } : {}),
    ...(draft.isUnsigned ? { secret: "" } : draft.secret !== "" ? { secret: draft.secret } : {}),
  };
}
