import { Checkbox, MultiSelect, TagsInput, TextInput } from "@mantine/core";
import { type JSX, useState } from "react";
import { isOfEveryRun, type RunFilter } from "./runFilter";
import { type Choice, IN_DIALOG, withGone } from "./values";

interface RunFilterFieldsProps {
  readonly filter: RunFilter;
  readonly onChange: (filter: RunFilter) => void;
  /** Null where the flow is asked for elsewhere. */
  readonly flows: readonly Choice[] | null;
  readonly projects: readonly Choice[];
  /** What is told is the state of a run, so that a state that ends it can be told from others. */
  readonly isOfStates: boolean;
}

/** Of which runs something is: folded away as long as that is every run. */
export function RunFilterFields({ filter, onChange, flows, projects, isOfStates }: RunFilterFieldsProps): JSX.Element {
  const [isOpenAtFirst] = useState(!isOfEveryRun(filter));
  const set = (part: RunFilter) => onChange({ ...filter, ...part });
  return (
    <details className="team-more" open={isOpenAtFirst}>
      <summary>Only some runs</summary>
      <div className="team-form">
        {flows !== null && (
          <MultiSelect
            label="Of the flows"
            placeholder={filter.flow_group_ids?.length ? "" : "Any flow"}
            size="xs"
            data={withGone(flows, filter.flow_group_ids ?? [])}
            value={[...(filter.flow_group_ids ?? [])]}
            onChange={(flow_group_ids) => set({ flow_group_ids })}
            searchable
            {...IN_DIALOG}
          />
        )}
        <MultiSelect
          label="In the projects"
          placeholder={filter.project_ids?.length ? "" : "Any project"}
          size="xs"
          data={withGone(projects, filter.project_ids ?? [])}
          value={[...(filter.project_ids ?? [])]}
          onChange={(project_ids) => set({ project_ids })}
          searchable
          {...IN_DIALOG}
        />
        <TagsInput
          label="With the labels"
          description="A run has all of them; Enter ends one"
          size="xs"
          value={[...(filter.labels ?? [])]}
          onChange={(labels) => set({ labels })}
          {...IN_DIALOG}
        />
        <TextInput
          label="Called"
          description="* stands for any text, ? for one character"
          placeholder="Any name"
          value={filter.flow_run_name ?? ""}
          onChange={(event) => set({ flow_run_name: event.currentTarget.value })}
        />
        <Checkbox
          size="xs"
          label="Only runs that a schedule has planned"
          checked={filter.only_scheduled ?? false}
          onChange={(event) => set({ only_scheduled: event.currentTarget.checked })}
        />
        {(isOfStates || filter.only_final === true) && (
          <Checkbox
            size="xs"
            label="Only states that end a run"
            checked={filter.only_final ?? false}
            onChange={(event) => set({ only_final: event.currentTarget.checked })}
          />
        )}
      </div>
    </details>
  );
}
