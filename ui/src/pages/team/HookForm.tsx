import { Checkbox, MultiSelect, PasswordInput, Select, Textarea, TextInput } from "@mantine/core";
import { type JSX, useState } from "react";
import { ask } from "../../api/client";
import { tenantOf, useSession } from "../../api/session";
import { STATES } from "../../api/states";
import { Fixed, Form } from "./frame";
import {
  changes,
  creation,
  destination,
  draftOf,
  type Hook,
  type HookDraft,
  isByRequest,
  isReady,
  KINDS,
} from "./hook";
import { RunFilterFields } from "./RunFilterFields";
import { type Choice, IN_DIALOG, withGone } from "./values";

const CREATE = `mutation create_hook($input: create_cloud_hook_input!) { create_cloud_hook(input: $input) { id } }`;
const UPDATE = `mutation update_hook($input: update_cloud_hook_input!) { update_cloud_hook(input: $input) { id } }`;

interface HookFormProps {
  /** The hook that is changed; null makes one. */
  readonly hook: Hook | null;
  /** Flows by their version group, which a hook names, and by their flow group, which a filter names. */
  readonly versions: readonly Choice[];
  readonly flows: readonly Choice[];
  readonly projects: readonly Choice[];
  readonly onClose: () => void;
}

/** Makes a hook, or changes one. */
export function HookForm({ hook, versions, flows, projects, onClose }: HookFormProps): JSX.Element {
  const session = useSession().data;
  // As it was when the form was opened: what others change meanwhile is not what is changed here.
  const [known] = useState(hook);
  const [draft, setDraft] = useState(() => draftOf(hook));
  const set = (part: Partial<HookDraft>) => setDraft((before) => ({ ...before, ...part }));
  const { type } = draft;
  const isMail = type === "EMAIL";
  return (
    <Form
      title={known === null ? "New hook" : "Change hook"}
      says={known === null ? "Make the hook" : "Keep"}
      isReady={isReady(draft, known)}
      explained="A state stands for those below it too: Failed is also TimedOut and TriggerFailed."
      onSubmit={() =>
        known === null
          ? ask(CREATE, { input: creation(draft, tenantOf(session)) })
          : ask(UPDATE, { input: changes(draft, known) })
      }
      onClose={onClose}
    >
      <TextInput
        label="Name"
        value={draft.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        data-autofocus
      />
      <MultiSelect
        label="When a run is"
        size="xs"
        data={Object.keys(STATES)}
        value={[...draft.states]}
        onChange={(states) => set({ states })}
        searchable
        {...IN_DIALOG}
      />
      <Select
        label="Of the flow"
        placeholder="Any flow"
        data={withGone(versions, draft.group === null ? [] : [draft.group])}
        value={draft.group}
        onChange={(group) => set({ group })}
        searchable
        clearable
        clearButtonProps={{ "aria-label": "Of any flow" }}
        {...IN_DIALOG}
      />
      <RunFilterFields
        filter={draft.filter}
        onChange={(filter) => set({ filter })}
        // A hook names its flow above; several are those that the API was given.
        flows={draftOf(known).filter.flow_group_ids === undefined ? null : flows}
        projects={projects}
        isOfStates
      />
      {known === null ? (
        <Select
          label="Tells by"
          data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
          value={type}
          allowDeselect={false}
          onChange={(chosen) => set({ type: chosen ?? "PREFECT_MESSAGE", address: "" })}
          {...IN_DIALOG}
        />
      ) : (
        <Fixed label="Tells by">
          {KINDS[type] ?? type}
          {isByRequest(type) && <> to {destination(known)}</>}
        </Fixed>
      )}
      {(isByRequest(type) || isMail) && (
        <TextInput
          label={isMail ? "Addresses, with commas between them" : known === null ? "Address" : "Another address"}
          {...(isMail
            ? {}
            : {
                description:
                  known === null
                    ? "Nobody can read it again but for its host, since the rest may be a key"
                    : "Empty: it stays as it is. It is not shown, since it may hold a key",
              })}
          placeholder={isMail ? "team@example.org" : "https://…"}
          value={draft.address}
          onChange={(event) => set({ address: event.currentTarget.value })}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      {type === "WEBHOOK" && (
        <PasswordInput
          label={known === null ? "Secret, with which requests are signed" : "Another secret, to sign requests with"}
          {...(known === null ? {} : { description: "Empty: it stays as it is. Nobody can read it" })}
          size="xs"
          value={draft.secret}
          disabled={draft.isUnsigned}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ "aria-label": "Show what is typed", tabIndex: 0 }}
          onChange={(event) => set({ secret: event.currentTarget.value })}
        />
      )}
      {type === "WEBHOOK" && known !== null && (
        <Checkbox
          size="xs"
          label="Sign requests no longer: forget the secret"
          checked={draft.isUnsigned}
          onChange={(event) => set({ isUnsigned: event.currentTarget.checked, secret: "" })}
        />
      )}
      <details className="team-more" open={draftOf(known).title !== "" || draftOf(known).text !== ""}>
        <summary>In words of your own</summary>
        <div className="team-form">
          <TextInput
            label="Title"
            description="The subject of a mail"
            value={draft.title}
            onChange={(event) => set({ title: event.currentTarget.value })}
          />
          <Textarea
            label="Text"
            description="With fields such as {flow_run.name}, {flow.name}, {flow_run.state_message}; {text} is what is said else"
            value={draft.text}
            autosize
            minRows={2}
            maxRows={8}
            onChange={(event) => set({ text: event.currentTarget.value })}
          />
        </div>
      </details>
    </Form>
  );
}
