import { Button, Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, type JSX, useEffect, useRef, useState } from "react";
import { useAsk, useChange } from "../../api/hooks";
import { useReasonAgainst } from "../../api/session";
import type { Json } from "../../api/tables";
import { Answer, Empty, Wrong } from "../../parts/Notice";
import { Section } from "../../parts/Page";
import {
  type Entry,
  entriesOf,
  type Field,
  fieldsOf,
  filled,
  KINDS,
  type Kind,
  type Parameter,
  readObject,
} from "./form";
import { CREATE_RUN, type Flow, LIKE, type Like } from "./questions";

interface RunFormProps {
  readonly flow: Flow;
  /** The run whose parameters it begins with. */
  readonly like: string | undefined;
}

/** A run to be made: its parameters, and when and where it is to run. */
export function RunForm({ flow, like }: RunFormProps): JSX.Element {
  const model = useAsk<Like>(LIKE, { id: like }, { enabled: like !== undefined, fixed: true });
  if (flow.archived) {
    return (
      <Empty title="This version is archived">
        No runs are made of it.{" "}
        <Link to="/flow/$id" params={{ id: flow.flow_group_id }}>
          The newest version
        </Link>{" "}
        may be run.
      </Empty>
    );
  }
  if (like === undefined) return <Form flow={flow} model={null} />;
  return (
    <Answer of={model} what="the run it is to be like">
      {({ flow_run_by_pk }) => <Form flow={flow} model={flow_run_by_pk} />}
    </Answer>
  );
}

interface FormProps {
  readonly flow: Flow;
  readonly model: Like["flow_run_by_pk"];
}

function Form({ flow, model }: FormProps): JSX.Element {
  const navigate = useNavigate();
  const reason = useReasonAgainst("user");
  const form = useRef<HTMLFormElement>(null);
  const parameters = (flow.parameters ?? []) as unknown as readonly Parameter[];
  const defaults = (flow.flow_group?.default_parameters ?? {}) as Readonly<Record<string, Json>>;
  const fields = fieldsOf(parameters, defaults);
  const [entries, setEntries] = useState<Readonly<Record<string, Entry>>>(() =>
    model === null ? {} : entriesOf(fields, (model.parameters ?? {}) as Readonly<Record<string, Json>>),
  );
  const usualLabels = labelsOf(flow);
  const [labels, setLabels] = useState<string[]>(() =>
    model === null ? [...usualLabels] : [...((model.labels ?? []) as string[])],
  );
  const [name, setName] = useState("");
  const [start, setStart] = useState("");
  const [context, setContext] = useState(() =>
    model?.context && Object.keys(model.context).length > 0 ? JSON.stringify(model.context, null, 2) : "",
  );
  // Tab goes on to the first field, and until then the keys of the page do what they do.
  useEffect(() => form.current?.focus({ preventScroll: true }), []);
  // What is wrong is told when somebody wants to go on, and from then on at once.
  const [isTold, setIsTold] = useState(false);
  const create = useChange<{ readonly create_flow_run: { readonly id: string } }>(CREATE_RUN);
  const { parameters: given, errors } = filled(fields, entries);
  const contextRead = readObject(context);
  const contextError = "error" in contextRead ? contextRead.error : null;
  const startError = start !== "" && Number.isNaN(Date.parse(start)) ? "This is no date and time." : null;
  const areSameLabels = labels.join("\n") === usualLabels.join("\n");

  const go = (event: FormEvent) => {
    event.preventDefault();
    setIsTold(true);
    if (Object.keys(errors).length > 0 || contextError !== null || startError !== null) {
      // After what is wrong has been drawn.
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    create.mutate(
      {
        input: {
          flow_id: flow.id,
          parameters: given,
          ...(areSameLabels ? {} : { labels }),
          ...(name.trim() === "" ? {} : { flow_run_name: name.trim() }),
          ...(start === "" ? {} : { scheduled_start_time: new Date(start).toISOString() }),
          ...("value" in contextRead && Object.keys(contextRead.value).length > 0
            ? { context: contextRead.value }
            : {}),
        },
      },
      { onSuccess: ({ create_flow_run: made }) => void navigate({ to: "/flow-run/$id", params: { id: made.id } }) },
    );
  };

  return (
    <form className="run-form" ref={form} tabIndex={-1} onSubmit={go} noValidate aria-label={`Run ${flow.name}`}>
      <Section title="Parameters" count={fields.length}>
        {fields.length === 0 && <Empty title="It takes none" />}
        {model !== null && <p className="soft">As {model.name} was given them.</p>}
        <div className="run-fields">
          {fields.map((field) => (
            <ParameterField
              key={field.name}
              field={field}
              entry={entries[field.name] ?? { kind: field.kind, text: field.text }}
              isChanged={Object.hasOwn(given, field.name)}
              error={isTold ? errors[field.name] : undefined}
              onChange={(entry) => setEntries({ ...entries, [field.name]: entry })}
              onReset={() =>
                setEntries(Object.fromEntries(Object.entries(entries).filter(([other]) => other !== field.name)))
              }
            />
          ))}
        </div>
      </Section>
      <Section title="The run">
        <div className="run-fields">
          <TextInput
            label="Name"
            placeholder="made up, unless you say one"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label="Start"
            type="datetime-local"
            step={1}
            value={start}
            description={`In ${Intl.DateTimeFormat().resolvedOptions().timeZone}; at once where nothing is said`}
            error={isTold && startError}
            onChange={(event) => setStart(event.currentTarget.value)}
          />
          <TagsInput
            label="Labels"
            size="xs"
            description="An agent takes up a run that has only labels which the agent has too"
            value={labels}
            onChange={setLabels}
            comboboxProps={{ withinPortal: false }}
          />
          <Textarea
            label="Context"
            classNames={{ input: "mono" }}
            autosize
            minRows={2}
            placeholder='{"name": "value"}'
            description="What the run finds in prefect.context"
            value={context}
            error={isTold && contextError}
            onChange={(event) => setContext(event.currentTarget.value)}
          />
        </div>
      </Section>
      {create.error !== null && <Wrong error={create.error} title="No run was made" />}
      <div className="run-go">
        <Button type="submit" variant="filled" loading={create.isPending} disabled={reason !== null}>
          {start === "" ? "Run now" : "Schedule the run"}
        </Button>
        {reason === null ? <span className="soft">An agent takes it up.</span> : <span className="soft">{reason}</span>}
        {isTold && Object.keys(errors).length > 0 && (
          <span className="run-errors" role="alert">
            {Object.keys(errors).length === 1
              ? "One parameter is not as it has to be."
              : `${Object.keys(errors).length} parameters are not as they have to be.`}
          </span>
        )}
      </div>
    </form>
  );
}

interface ParameterFieldProps {
  readonly field: Field;
  readonly entry: Entry;
  readonly isChanged: boolean;
  readonly error: string | undefined;
  readonly onChange: (entry: Entry) => void;
  readonly onReset: () => void;
}

/** One parameter: its value, and as what it is to be read. */
function ParameterField({ field, entry, isChanged, error, onChange, onReset }: ParameterFieldProps): JSX.Element {
  const { name } = field;
  const write = (text: string) => onChange({ ...entry, text });
  const shared = {
    label: <span className="mono">{name}</span>,
    "aria-label": name,
    withAsterisk: field.isRequired,
    required: field.isRequired,
    error,
  };
  return (
    <div className="run-field">
      {entry.kind === "json" ? (
        <Textarea
          {...shared}
          classNames={{ input: "mono" }}
          autosize
          minRows={1}
          maxRows={12}
          spellCheck={false}
          value={entry.text}
          onChange={(event) => write(event.currentTarget.value)}
        />
      ) : entry.kind === "boolean" ? (
        <Select
          {...shared}
          data={[
            { value: "true", label: "yes" },
            { value: "false", label: "no" },
          ]}
          value={entry.text === "" ? null : entry.text}
          onChange={(value) => write(value ?? "")}
          allowDeselect={false}
        />
      ) : (
        <TextInput
          {...shared}
          {...(entry.kind === "datetime" ? { type: "datetime-local", step: 1 } : {})}
          {...(entry.kind === "number" ? { inputMode: "decimal" as const } : {})}
          value={entry.text}
          placeholder={!field.isRequired && field.default === null && entry.kind === "text" ? "null" : ""}
          onChange={(event) => write(event.currentTarget.value)}
        />
      )}
      <Select
        aria-label={`${name} is`}
        className="run-kind"
        data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
        value={entry.kind}
        onChange={(kind) => onChange(as(entry, (kind ?? "text") as Kind))}
        allowDeselect={false}
      />
      <Button
        variant="subtle"
        className="run-reset"
        style={isChanged || entry.kind !== field.kind ? {} : { visibility: "hidden" }}
        onClick={onReset}
        aria-label={`Default of ${name}`}
      >
        Default
      </Button>
    </div>
  );
}

/** What was written, taken for something else. */
function as(entry: Entry, kind: Kind): Entry {
  if (kind === "json" && entry.kind === "text")
    return { kind, text: entry.text === "" ? "null" : JSON.stringify(entry.text) };
  if (kind === "boolean") return { kind, text: entry.text === "true" ? "true" : "false" };
  if (kind === "datetime") return { kind, text: "" };
  return { kind, text: entry.text };
}

function labelsOf(flow: Flow): readonly string[] {
  const ofGroup = flow.flow_group?.labels as readonly string[] | null | undefined;
  if (ofGroup !== null && ofGroup !== undefined) return ofGroup;
  const config = flow.run_config as { readonly labels?: readonly string[] } | null;
  return config?.labels ?? [];
}
