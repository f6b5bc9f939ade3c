import { Checkbox, MultiSelect, NumberInput, Select, TextInput } from "@mantine/core";
import { type JSX, useState } from "react";
import { ask } from "../../api/client";
import { tenantOf, useSession } from "../../api/session";
import { STATES } from "../../api/states";
import { ActionsField } from "./ActionsField";
import {
  type Automation,
  type AutomationDraft,
  changes,
  creation,
  draftOf,
  isReady,
  KINDS,
  type Kind,
} from "./automation";
import { Form } from "./frame";
import { RunFilterFields } from "./RunFilterFields";
import { type Choice, IN_DIALOG } from "./values";

const CREATE = `mutation create_automation($input: create_automation_input!) {
  create_automation(input: $input) { id }
}`;
const UPDATE = `mutation update_automation($input: update_automation_input!) {
  update_automation(input: $input) { id }
}`;

interface AutomationFormProps {
  /** The automation that is changed; null makes one. */
  readonly automation: Automation | null;
  readonly hooks: readonly Choice[];
  readonly flows: readonly Choice[];
  readonly projects: readonly Choice[];
  readonly onClose: () => void;
}

/** Makes an automation, or changes one. */
export function AutomationForm({ automation, hooks, flows, projects, onClose }: AutomationFormProps): JSX.Element {
  const session = useSession().data;
  // As it was when the form was opened: what others change meanwhile is not what is changed here.
  const [known] = useState(automation);
  const [draft, setDraft] = useState(() => draftOf(automation));
  const set = (part: Partial<AutomationDraft>) => setDraft((before) => ({ ...before, ...part }));
  const { kind } = draft;
  return (
    <Form
      title={known === null ? "New automation" : "Change automation"}
      says={known === null ? "Make it" : "Keep"}
      isReady={isReady(draft)}
      explained={
        known === null
          ? "A server does it, each once. What was late before sets nothing off."
          : "Where what sets it off is changed, it begins anew: what was late before sets nothing off."
      }
      onSubmit={async () =>
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
      <Select
        label="When"
        data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
        value={kind}
        allowDeselect={false}
        onChange={(chosen) => set({ kind: (chosen ?? kind) as Kind })}
        {...IN_DIALOG}
      />
      {kind === "STATE_CHANGE" ? (
        <MultiSelect
          label="The states"
          size="xs"
          data={Object.keys(STATES)}
          value={[...draft.states]}
          onChange={(states) => set({ states })}
          searchable
          {...IN_DIALOG}
        />
      ) : (
        <NumberInput label="Minutes" size="xs" min={0} value={draft.minutes} onChange={(minutes) => set({ minutes })} />
      )}
      {kind === "LATE_FINISH" && (
        <Checkbox
          size="xs"
          label="Counted from the time it was scheduled for, not from its start"
          checked={draft.isFromSchedule}
          onChange={(event) => set({ isFromSchedule: event.currentTarget.checked })}
        />
      )}
      {kind === "AGENT_UNHEALTHY" ? (
        <TextInput
          label="Agents called"
          description="* stands for any text, ? for one character"
          placeholder="Any agent"
          value={draft.agent}
          onChange={(event) => set({ agent: event.currentTarget.value })}
        />
      ) : (
        <RunFilterFields
          filter={draft.filter}
          onChange={(filter) => set({ filter })}
          flows={flows}
          projects={projects}
          isOfStates={kind === "STATE_CHANGE"}
        />
      )}
      <ActionsField
        actions={draft.actions}
        onChange={(actions) => set({ actions })}
        kind={kind}
        hooks={hooks}
        flows={flows}
      />
    </Form>
  );
}
