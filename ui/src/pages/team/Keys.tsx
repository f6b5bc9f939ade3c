import { Button, Select, TextInput } from "@mantine/core";
import { type JSX, useState } from "react";
import { ask } from "../../api/client";
import { useAsk, useLive } from "../../api/hooks";
import { tenantOf, useSession } from "../../api/session";
import type { AuthApiKeyRow } from "../../api/tables";
import { copyText } from "../../lib/copy";
import { useKeys } from "../../lib/keys";
import { ROLES } from "../../lib/roles";
import { Dialog } from "../../parts/Dialog";
import { Answer, Empty } from "../../parts/Notice";
import { type Column, RowList } from "../../parts/RowList";
import { Time } from "../../parts/Time";
import { Act, ForAdmins, Form, TeamPage } from "./frame";

const KEYS = `
query api_keys { auth_api_key(order_by: [{name: asc}]) { id name role created expires_at tenant_id } }`;
const FOLLOWED = `subscription api_keys { auth_api_key { id name role expires_at } }`;

const CREATE = `mutation create_api_key($input: create_api_key_input!) { create_api_key(input: $input) { id key } }`;
const DELETE = `mutation delete_api_key($id: UUID!) { delete_api_key(input: {key_id: $id}) { success } }`;

type Key = Pick<AuthApiKeyRow, "id" | "name" | "role" | "created" | "expires_at" | "tenant_id">;

const ALLOWS: Record<(typeof ROLES)[number], string> = {
  "read-only": "looks at everything but secrets and keys",
  user: "runs flows and changes what belongs to them; agents need this",
  admin: "also keys, tenants and the audit log",
};

const LIVES: Record<string, number | null> = {
  "7 days": 7,
  "30 days": 30,
  "90 days": 90,
  "1 year": 365,
  "for ever": null,
};
const DAY = 86_400_000;

/** The keys that open this server's API. */
export function Keys(): JSX.Element {
  return (
    <ForAdmins what="the API keys">
      <ListedKeys />
    </ForAdmins>
  );
}

function ListedKeys(): JSX.Element {
  const answer = useAsk<{ readonly auth_api_key: readonly Key[] }>(KEYS);
  const session = useSession().data;
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const [revoked, setRevoked] = useState<Key | null>(null);
  useLive(FOLLOWED);
  useKeys("API keys", [{ keys: "n", says: "a new key", run: () => setCreating(true) }]);
  const columns: readonly Column<Key>[] = [
    {
      title: "Name",
      width: "minmax(10rem, 1fr)",
      show: (key) => (
        <span title={key.name}>
          {key.name} {session?.key?.id === key.id && <span className="label">yours</span>}
        </span>
      ),
    },
    { title: "Role", width: "7rem", show: (key) => key.role },
    { title: "Made", width: "9.5rem", show: (key) => <Time at={key.created} /> },
    {
      title: "Expires",
      width: "11rem",
      show: (key) => <Expiry at={key.expires_at} />,
    },
    {
      title: "Tenant",
      width: "minmax(6rem, 10rem)",
      show: (key) => session?.tenants.find(({ id }) => id === key.tenant_id)?.slug ?? "another",
    },
    {
      title: "Actions",
      isNumber: true,
      width: "6rem",
      show: (key) => (
        <span className="team-acts">
          <Act needs="admin" size="compact-xs" label={`Revoke ${key.name}`} onClick={() => setRevoked(key)}>
            Revoke
          </Act>
        </span>
      ),
    },
  ];
  return (
    <TeamPage
      title="API keys"
      tools={
        <Act needs="admin" onClick={() => setCreating(true)}>
          New key …
        </Act>
      }
    >
      <p className="soft team-lead">
        {session?.requires_keys === true
          ? "This server answers nobody without a key."
          : "This server answers programs of this machine without a key, as an administrator."}
      </p>
      <Answer of={answer} what="API keys">
        {({ auth_api_key: keys }) =>
          keys.length === 0 ? (
            <Empty title="There is no key yet">
              A key lets a program or a person on another machine in, with a role that says what it may do.
            </Empty>
          ) : (
            <RowList label="API keys" columns={columns} rows={keys} keyOf={({ id }) => id} />
          )
        }
      </Answer>
      {creating && <CreateKey tenant={tenantOf(session)} onMade={setMade} onClose={() => setCreating(false)} />}
      {made !== null && <MadeKey value={made} onClose={() => setMade(null)} />}
      {revoked !== null && (
        <Form
          title="Revoke key"
          says="Revoke"
          needs="admin"
          isDangerous
          explained={
            session?.key?.id === revoked.id
              ? "This is the key that you are logged in with: you will be out at once."
              : "It opens nothing from now on, and whoever is logged in with it is out. This cannot be undone."
          }
          onSubmit={() => ask(DELETE, { id: revoked.id })}
          onClose={() => setRevoked(null)}
        >
          <p className="clip" title={revoked.name}>
            <b>{revoked.name}</b> <span className="soft">{revoked.role}</span>
          </p>
        </Form>
      )}
    </TeamPage>
  );
}

function Expiry({ at }: { readonly at: string | null }): JSX.Element {
  if (at === null) return <span className="faint">never</span>;
  return (
    <>
      <Time at={at} /> {Date.parse(at) <= Date.now() && <b className="team-bad">expired</b>}
    </>
  );
}

interface CreateKeyProps {
  readonly tenant: string | undefined;
  readonly onMade: (key: string) => void;
  readonly onClose: () => void;
}

function CreateKey({ tenant, onMade, onClose }: CreateKeyProps): JSX.Element {
  const [name, setName] = useState("");
  const [role, setRole] = useState<(typeof ROLES)[number]>("user");
  const [lives, setLives] = useState("90 days");
  return (
    <Form
      title="New API key"
      says="Make the key"
      needs="admin"
      isReady={name.trim() !== ""}
      explained="The key is shown once, when it is made, and is kept as a hash only."
      onSubmit={async () => {
        const days = LIVES[lives] ?? null;
        const expires_at = days === null ? null : new Date(Date.now() + days * DAY).toISOString();
        const input = { name: name.trim(), role, expires_at, default_tenant_id: tenant ?? null };
        // Not kept by anything that remembers questions and answers: the key is in the answer.
        const { create_api_key } = await ask<{ readonly create_api_key: { readonly key: string } }>(CREATE, { input });
        onMade(create_api_key.key);
      }}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="Who or what uses it"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <Select
        label="Role"
        description={ALLOWS[role]}
        data={[...ROLES]}
        value={role}
        allowDeselect={false}
        onChange={(chosen) => setRole((chosen ?? "user") as (typeof ROLES)[number])}
        comboboxProps={{ withinPortal: false }}
      />
      <Select
        label="Lives"
        data={Object.keys(LIVES)}
        value={lives}
        allowDeselect={false}
        onChange={(chosen) => setLives(chosen ?? "90 days")}
        comboboxProps={{ withinPortal: false }}
      />
    </Form>
  );
}

function MadeKey({ value, onClose }: { readonly value: string; readonly onClose: () => void }): JSX.Element {
  const [copied, setCopied] = useState<boolean | null>(null);
  return (
    <Dialog title="The key, this once" size="lg" onClose={onClose}>
      <div className="team-form">
        <p>Put it where it will be used: it is not shown again, and nobody can look it up.</p>
        <pre className="team-key">{value}</pre>
        <p className="soft">
          On the machine that uses it: <code>prefect auth login</code>, or the setting <code>cloud.api_key</code>.
        </p>
        <div className="team-buttons">
          <span role="status" className="soft">
            {copied === true && "Copied."}
            {copied === false && "The browser does not allow to copy; select it instead."}
          </span>
          <Button data-autofocus onClick={() => void copyText(value).then(setCopied)}>
            Copy
          </Button>
          <Button variant="filled" onClick={onClose}>
            I have it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
