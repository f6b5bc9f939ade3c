import { Checkbox, PasswordInput, TextInput } from "@mantine/core";
import { type JSX, useState } from "react";
import { ask } from "../../api/client";
import { useAsk, useLive } from "../../api/hooks";
import { useKeys } from "../../lib/keys";
import { Answer, Empty } from "../../parts/Notice";
import { type Column, RowList } from "../../parts/RowList";
import { Act, Form, TeamPage } from "./frame";
import { readValue } from "./values";

const NAMES = `query secret_names { secret_names }`;
const FOLLOWED = `subscription secret_names { secret_names }`;

// The whole input is one variable: of a value inside an input that is written out, a text would have to be JSON itself.
const SET = `mutation set_secret($input: set_secret_input!) { set_secret(input: $input) { success } }`;
const DELETE = `mutation delete_secret($name: String!) { delete_secret(input: {name: $name}) { success } }`;

/** Which secrets there are. A value goes in and never comes out here. */
export function Secrets(): JSX.Element {
  const names = useAsk<{ readonly secret_names: readonly string[] }>(NAMES);
  const [set, setSet] = useState<string | null>(null);
  const [deleted, setDeleted] = useState<string | null>(null);
  useLive(FOLLOWED);
  useKeys("Secrets", [{ keys: "n", says: "a new secret", run: () => setSet("") }]);
  const columns: readonly Column<string>[] = [
    { title: "Name", width: "minmax(12rem, 1fr)", show: (name) => <span title={name}>{name}</span> },
    {
      title: "Actions",
      isNumber: true,
      width: "11rem",
      show: (name) => (
        <span className="team-acts">
          <Act needs="user" size="compact-xs" label={`Set anew: ${name}`} onClick={() => setSet(name)}>
            Set anew
          </Act>
          <Act needs="user" size="compact-xs" label={`Delete ${name}`} onClick={() => setDeleted(name)}>
            Delete
          </Act>
        </span>
      ),
    },
  ];
  return (
    <TeamPage
      title="Secrets"
      tools={
        <Act needs="user" onClick={() => setSet("")}>
          New secret …
        </Act>
      }
    >
      <p className="soft team-lead">
        Values are encrypted where they are kept, masked in logs, and never shown: here they can only be set anew.
      </p>
      <Answer of={names} what="secrets">
        {({ secret_names }) =>
          secret_names.length === 0 ? (
            <Empty title="No secret is kept yet">
              <p>A task reads one that is set here:</p>
              <pre>{'from prefect.tasks.secrets import PrefectSecret\n\npassword = PrefectSecret("password")'}</pre>
            </Empty>
          ) : (
            <RowList label="Secrets" columns={columns} rows={secret_names} keyOf={(name) => name} />
          )
        }
      </Answer>
      {set !== null && <SetSecret key={set} name={set} onClose={() => setSet(null)} />}
      {deleted !== null && (
        <Form
          title="Delete secret"
          says="Delete"
          isDangerous
          explained="Tasks that ask for it fail from now on. This cannot be undone."
          onSubmit={() => ask(DELETE, { name: deleted })}
          onClose={() => setDeleted(null)}
        >
          <p className="clip" title={deleted}>
            <b>{deleted}</b>
          </p>
        </Form>
      )}
    </TeamPage>
  );
}

function SetSecret({ name, onClose }: { readonly name: string; readonly onClose: () => void }): JSX.Element {
  const [called, setCalled] = useState(name);
  const [value, setValue] = useState("");
  const [isJson, setIsJson] = useState(false);
  return (
    <Form
      title={name === "" ? "New secret" : "Set secret anew"}
      says="Set"
      isReady={called.trim() !== "" && value !== ""}
      explained="The value that was there before, if any, is gone."
      onSubmit={async () => ask(SET, { input: { name: called.trim(), value: isJson ? readValue(value) : value } })}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        value={called}
        readOnly={name !== ""}
        autoComplete="off"
        onChange={(event) => setCalled(event.currentTarget.value)}
        data-autofocus={name === "" || undefined}
      />
      <PasswordInput
        label="Value"
        size="xs"
        value={value}
        autoComplete="new-password"
        onChange={(event) => setValue(event.currentTarget.value)}
        visibilityToggleButtonProps={{ "aria-label": "Show what is typed", tabIndex: 0 }}
        data-autofocus={name !== "" || undefined}
      />
      <Checkbox
        size="xs"
        label="The value is JSON, not a text"
        checked={isJson}
        onChange={(event) => setIsJson(event.currentTarget.checked)}
      />
    </Form>
  );
}
