/** What the pages of a team are made of. */

import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type JSX, type ReactNode, useEffect, useRef, useState } from "react";
import { queryClient } from "../../api/hooks";
import { useReasonAgainst, useSession } from "../../api/session";
import type { RoleName } from "../../lib/roles";
import { Dialog } from "../../parts/Dialog";
import { Empty, Waiting, Wrong } from "../../parts/Notice";
import { Page } from "../../parts/Page";
import { TEAM } from "../../parts/places";
import "./team.css";

interface TeamPageProps {
  readonly title: string;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

/** One of the pages of a team, with the way to the others. */
export function TeamPage({ title, tools, children }: TeamPageProps): JSX.Element {
  return (
    <Page title={title} tools={tools}>
      <nav className="team-nav" aria-label="Team">
        {TEAM.map((place) => (
          <Link key={place.to} to={place.to} className="team-link" activeOptions={{ includeSearch: false }}>
            {place.says}
          </Link>
        ))}
      </nav>
      {children}
    </Page>
  );
}

/** What only an administrator may see; others are told so, and nothing is asked. */
export function ForAdmins({ what, children }: { readonly what: string; readonly children: ReactNode }): JSX.Element {
  const session = useSession();
  const reason = useReasonAgainst("admin");
  if (session.data === undefined) {
    return session.error === null ? <Waiting what={what} /> : <Wrong error={session.error} />;
  }
  if (reason !== null) return <Empty title={`You may not see ${what}`}>{reason}</Empty>;
  return <>{children}</>;
}

interface ActProps extends ButtonProps {
  readonly needs: RoleName;
  readonly onClick: () => void;
  readonly label?: string;
  readonly children: ReactNode;
}

/** A button that changes something; where the viewer's role does not suffice it says why and does nothing. */
export function Act({ needs, onClick, label, children, ...rest }: ActProps): JSX.Element {
  const reason = useReasonAgainst(needs);
  const button = (
    <Button
      {...rest}
      {...(label === undefined ? {} : { "aria-label": label })}
      // It can still be reached by key, so that its reason can be read.
      {...(reason === null ? {} : { "aria-disabled": true, "data-disabled": true })}
      onClick={() => {
        if (reason === null) onClick();
      }}
    >
      {children}
    </Button>
  );
  return reason === null ? (
    button
  ) : (
    <Tooltip label={reason} events={{ hover: true, focus: true, touch: true }} portalProps={{ target: "#main" }}>
      {button}
    </Tooltip>
  );
}

interface FormProps {
  readonly title: string;
  readonly says: string;
  readonly explained?: ReactNode;
  readonly isDangerous?: boolean;
  readonly isReady?: boolean;
  /** What it takes to do it: a form may be opened by a key as well. */
  readonly needs?: RoleName;
  /** Does it; what it throws is shown. */
  readonly onSubmit: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

/** A dialog that says what will be done, takes what has to be said first, and tells what went wrong. */
export function Form(props: FormProps): JSX.Element {
  const { title, says, explained, isDangerous = false, isReady = true, needs = "user" } = props;
  const { onSubmit, onClose, children } = props;
  const reason = useReasonAgainst(needs);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const wrong = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // A form may be longer than the window.
    if (error !== null) wrong.current?.scrollIntoView({ block: "nearest" });
  }, [error]);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await onSubmit();
      onClose();
    } catch (wrong) {
      setError(wrong instanceof Error ? wrong : new Error(String(wrong)));
    } finally {
      setBusy(false);
      void queryClient.invalidateQueries({ predicate: (query) => query.meta?.fixed !== true });
    }
  };
  return (
    <Dialog title={title} size="md" onClose={onClose}>
      <form
        className="team-form"
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && reason === null && !busy) void go();
        }}
      >
        {children}
        {explained !== undefined && <p className="soft">{explained}</p>}
        {error !== null && (
          <div ref={wrong}>
            <Wrong error={error} title="It was not done" />
          </div>
        )}
        {reason !== null && <p className="team-warn">{reason}</p>}
        <div className="team-buttons">
          <Button onClick={onClose}>Leave it</Button>
          <Button
            type="submit"
            variant="filled"
            {...(isDangerous ? { color: "red.9" } : {})}
            {...(isDangerous ? { "data-autofocus": true } : {})}
            loading={busy}
            disabled={!isReady || reason !== null}
          >
            {says}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What is known and cannot be changed, between the fields of a form. */
export function Fixed({ label, children }: { readonly label: string; readonly children: ReactNode }): JSX.Element {
  return (
    <dl className="team-fixed">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </dl>
  );
}

/** Labels, each apart. */
export function Labels({ of }: { readonly of: readonly string[] }): JSX.Element {
  if (of.length === 0) return <span className="faint">no labels</span>;
  return (
    <span className="clip" title={of.join(", ")}>
      {of.map((label) => (
        <span key={label} className="label">
          {label}
        </span>
      ))}
    </span>
  );
}
