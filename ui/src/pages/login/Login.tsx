import { Button, PasswordInput } from "@mantine/core";
import { type JSX, useState } from "react";
import { queryClient } from "../../api/hooks";
import { live } from "../../api/live";
import { session } from "../../api/session";
import { Wrong } from "../../parts/Notice";
import { useTab } from "../../parts/Page";
import "./login.css";

/** Where the server answers nobody without a key: give it one. The address stays, and is shown afterwards. */
export function Login(): JSX.Element {
  useTab("Log in");
  return (
    <main className="login" id="main">
      <div className="login-card">
        <h1 className="page-title">Log in</h1>
        <p className="soft">This server answers nobody without one of its API keys.</p>
        <KeyForm />
        <details>
          <summary>Where do I get a key?</summary>
          <p>
            An administrator makes one with <code>prefect auth create-key</code>; the first one is made on the machine
            of the server with <code>prefect server create-key --role admin</code>.
          </p>
        </details>
        <p className="faint">
          The key is exchanged for a cookie that no script can read. The page keeps nothing else, and the session ends
          after seven days or with the key.
        </p>
      </div>
    </main>
  );
}

/** The one field: a key. */
export function KeyForm({ onDone }: { readonly onDone?: () => void }): JSX.Element {
  const [key, setKey] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await session.logIn(key);
      setKey("");
    } catch (wrong) {
      setError(wrong instanceof Error ? wrong : new Error(String(wrong)));
      setBusy(false);
      return;
    }
    setBusy(false);
    void queryClient.invalidateQueries();
    live.restart();
    onDone?.();
  };
  return (
    <form
      className="login-form"
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <PasswordInput
        label="API key"
        placeholder="qk_…"
        value={key}
        size="sm"
        onChange={(event) => setKey(event.currentTarget.value)}
        // Nothing is to be kept: not by the page, and not by the browser.
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        autoFocus
      />
      {error !== null && <Wrong error={error} title="That key opens nothing" />}
      <Button type="submit" variant="filled" size="sm" loading={busy} disabled={key.trim() === ""}>
        Log in
      </Button>
    </form>
  );
}
