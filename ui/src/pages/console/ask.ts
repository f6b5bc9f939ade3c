/** Asks the API for the console: the answer as it came, with what it took. */

import { API, ApiError } from "../../api/client";
import type { Json } from "../../api/tables";
import type { Fault } from "./document";

export interface Question {
  readonly text: string;
  readonly variables: Record<string, Json>;
  readonly operation: string | undefined;
}

export interface Explained {
  readonly field: string;
  readonly cost: number;
  /** Null where no statement of the database answers it. */
  readonly sql: string | null;
  readonly parameters: readonly string[];
  readonly plan: readonly string[];
}

export interface Reply {
  readonly status: number;
  readonly milliseconds: number;
  readonly bytes: number;
  readonly cost: number | null;
  readonly faults: readonly Fault[];
  /** What came, set out to be read. */
  readonly shown: string;
  readonly explained: readonly Explained[] | null;
  readonly database: string | null;
}

interface Envelope {
  readonly errors?: readonly Fault[];
  readonly extensions?: {
    readonly cost?: number;
    readonly explain?: readonly Explained[];
    readonly database?: string;
  };
}

/** The reply to a question, errors and all. Raises ApiError where nobody answers. */
export async function askAll(question: Question, explain: boolean, signal: AbortSignal): Promise<Reply> {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: "application/json",
    [explain ? "x-prefect-explain" : "x-prefect-show-cost"]: "1",
  };
  const { text: query, variables, operation } = question;
  const started = performance.now();
  let response: Response;
  let written: string;
  try {
    response = await fetch(API, {
      method: "POST",
      headers,
      body: JSON.stringify({ query, variables, ...(operation === undefined ? {} : { operationName: operation }) }),
      signal,
    });
    written = await response.text();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError("The server does not answer. It may have been stopped.", "UNREACHABLE", 0);
  }
  const milliseconds = performance.now() - started;
  const bytes = new Blob([written]).size;
  let envelope: Envelope = {};
  let shown = written;
  try {
    envelope = JSON.parse(written) as Envelope;
    shown = JSON.stringify(envelope, null, 2);
  } catch {
    // Shown as it came.
  }
  return {
    status: response.status,
    milliseconds,
    bytes,
    cost: envelope.extensions?.cost ?? null,
    faults: envelope.errors ?? [],
    shown,
    explained: envelope.extensions?.explain ?? null,
    database: envelope.extensions?.database ?? null,
  };
}
