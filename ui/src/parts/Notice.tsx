import { Button } from "@mantine/core";
import type { JSX, ReactNode } from "react";
import { ApiError } from "../api/client";

/** There is nothing to show, and why that may be. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }): JSX.Element {
  return (
    <div className="notice" data-kind="empty">
      <div className="notice-title">{title}</div>
      {children}
    </div>
  );
}

/** Something is on its way. */
export function Waiting({ what }: { readonly what: string }): JSX.Element {
  return (
    <div role="status" aria-label={`Loading ${what}`}>
      <div className="waiting" />
      <span className="visually-hidden">Loading {what}</span>
    </div>
  );
}

interface WrongProps {
  readonly error: unknown;
  /** What went wrong, in a few words. */
  readonly title?: string;
  readonly onRetry?: () => void;
}

/** Something went wrong: what, and what can be done. */
export function Wrong({ error, title: said, onRetry }: WrongProps): JSX.Element {
  const isUnreachable = error instanceof ApiError && error.isUnreachable;
  const title = isUnreachable ? "The server does not answer" : (said ?? "This could not be shown");
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className="notice" data-kind="error" role="alert">
      <div className="notice-title">{title}</div>
      <div>
        {isUnreachable
          ? "It may have been stopped: start it again with `prefect ui` or `prefect server start`."
          : message}
      </div>
      {onRetry !== undefined && (
        <div className="notice-actions">
          <Button onClick={onRetry}>Try again</Button>
        </div>
      )}
    </div>
  );
}

interface Answered<Data> {
  readonly data: Data | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

interface AnsweredProps<Data> {
  readonly of: Answered<Data>;
  readonly what: string;
  readonly children: (data: Data) => ReactNode;
}

/** An answer, or that it is on its way, or what went wrong; an answer that could not be renewed stays, with a word. */
export function Answer<Data>({ of, what, children }: AnsweredProps<Data>): JSX.Element {
  if (of.data === undefined) {
    return of.error === null ? <Waiting what={what} /> : <Wrong error={of.error} onRetry={() => void of.refetch()} />;
  }
  return (
    <>
      {of.error !== null && <Wrong error={of.error} onRetry={() => void of.refetch()} />}
      {children(of.data)}
    </>
  );
}
