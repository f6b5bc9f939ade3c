import { Textarea, TextInput } from "@mantine/core";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type JSX, useState } from "react";
import { ask } from "../../api/client";
import { useLive } from "../../api/hooks";
import { usePaged } from "../../api/pages";
import type { KeyValueRow } from "../../api/tables";
import { useKeys } from "../../lib/keys";
import { containing } from "../../lib/match";
import { Answer, Empty } from "../../parts/Notice";
import { type Column, RowList } from "../../parts/RowList";
import { SearchField } from "../../parts/SearchField";
import { Time } from "../../parts/Time";
import { Act, Form, TeamPage } from "./frame";
import { readValue, shortValue } from "./values";

const KEY_VALUES = `
query key_values($like: String!, $after: String, $limit: Int) {
  rows: key_value(where: {key: {_ilike: $like}}, order_by: [{key: asc}], after: $after, limit: $limit) {
    cursor id key value updated
  }
}`;

const NEWEST = `subscription newest_key_values { key_value(order_by: [{updated: desc}], limit: 100) { id updated } }`;

// The whole input is one variable: of a value inside an input that is written out, a text would have to be JSON itself.
const SET = `mutation set_key_value($input: set_key_value_input!) { set_key_value(input: $input) { id } }`;
const DELETE = `mutation delete_key_value($id: UUID!) {
  delete_key_value(input: {key_value_id: $id}) { success }
}`;

type Pair = Pick<KeyValueRow, "id" | "key" | "value" | "updated"> & { readonly cursor: string };

const route = getRouteApi("/team/key-values");

/** What runs remember under a key. */
export function KeyValues(): JSX.Element {
  const { key } = route.useSearch();
  const navigate = useNavigate();
  const pairs = usePaged<Pair>(KEY_VALUES, { like: containing(key ?? "") });
  const [edited, setEdited] = useState<Pair | "new" | null>(null);
  const [deleted, setDeleted] = useState<Pair | null>(null);
  useLive(NEWEST);
  useKeys("Key-value pairs", [{ keys: "n", says: "a new pair", run: () => setEdited("new") }]);
  const columns: readonly Column<Pair>[] = [
    { title: "Key", width: "minmax(10rem, 1fr)", show: (pair) => <span title={pair.key}>{pair.key}</span> },
    {
      title: "Value",
      width: "minmax(12rem, 2fr)",
      show: (pair) => <code title={shortValue(pair.value).slice(0, 2000)}>{shortValue(pair.value).slice(0, 500)}</code>,
    },
    { title: "Changed", width: "9.5rem", show: (pair) => <Time at={pair.updated} /> },
    {
      title: "Actions",
      isNumber: true,
      width: "9rem",
      show: (pair) => (
        <span className="team-acts">
          <Act needs="user" size="compact-xs" label={`Change ${pair.key}`} onClick={() => setEdited(pair)}>
            Change
          </Act>
          <Act needs="user" size="compact-xs" label={`Delete ${pair.key}`} onClick={() => setDeleted(pair)}>
            Delete
          </Act>
        </span>
      ),
    },
  ];
  return (
    <TeamPage
      title="Key-value pairs"
      tools={
        <Act needs="user" onClick={() => setEdited("new")}>
          New pair …
        </Act>
      }
    >
      <div className="filters">
        <SearchField
          label="Key contains"
          value={key}
          onChange={(key) => void navigate({ to: "/team/key-values", search: key ? { key } : {}, replace: true })}
        />
      </div>
      <Answer of={pairs} what="key-value pairs">
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={key === undefined ? "Nothing is kept yet" : "No key is like that"}>
              {key === undefined && (
                <>
                  <p>A run keeps what another shall find:</p>
                  <pre>{'from prefect.backend import set_key_value\n\nset_key_value("last_date", "2026-01-01")'}</pre>
                </>
              )}
            </Empty>
          ) : (
            <RowList
              label="Key-value pairs"
              columns={columns}
              rows={rows}
              keyOf={({ id }) => id}
              onEnd={pairs.more}
              onOpen={setEdited}
            />
          )
        }
      </Answer>
      {edited !== null && (
        <Edit
          key={edited === "new" ? "new" : edited.id}
          pair={edited === "new" ? null : edited}
          onClose={() => setEdited(null)}
        />
      )}
      {deleted !== null && (
        <Form
          title="Delete pair"
          says="Delete"
          isDangerous
          explained="The key and its value are forgotten. This cannot be undone."
          onSubmit={() => ask(DELETE, { id: deleted.id })}
          onClose={() => setDeleted(null)}
        >
          <p className="clip" title={deleted.key}>
            <b>{deleted.key}</b>
          </p>
        </Form>
      )}
    </TeamPage>
  );
}

function Edit({ pair, onClose }: { readonly pair: Pair | null; readonly onClose: () => void }): JSX.Element {
  const [key, setKey] = useState(pair?.key ?? "");
  const [written, setWritten] = useState(pair === null ? "" : JSON.stringify(pair.value, null, 2));
  return (
    <Form
      title={pair === null ? "New pair" : "Change pair"}
      says="Keep"
      isReady={key.trim() !== "" && written.trim() !== ""}
      explained="Everybody who may read runs may read it. What is secret belongs among the secrets."
      onSubmit={async () => ask(SET, { input: { key: key.trim(), value: readValue(written) } })}
      onClose={onClose}
    >
      <TextInput
        label="Key"
        value={key}
        readOnly={pair !== null}
        onChange={(event) => setKey(event.currentTarget.value)}
        data-autofocus={pair === null || undefined}
      />
      <Textarea
        label="Value, as JSON"
        value={written}
        autosize
        minRows={3}
        maxRows={16}
        classNames={{ input: "mono" }}
        onChange={(event) => setWritten(event.currentTarget.value)}
        data-autofocus={pair !== null || undefined}
      />
    </Form>
  );
}
