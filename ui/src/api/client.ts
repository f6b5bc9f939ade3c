/** Asks the API of the server that this page came from. */

export type Variables = Record<string, unknown>;

/** What the API answered instead of data, or that nothing answered. `code` is for programs, the message for people. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly status: number,
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** Nobody answered: the same question may be answered later. */
  get isUnreachable(): boolean {
    return this.code === "UNREACHABLE";
  }
}

interface Envelope<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

export const API = "/graphql";

/** Told of an answer that the server does not know who asks. */
let onStranger: () => void = () => undefined;

export function tellStrangers(tell: () => void): void {
  onStranger = tell;
}

/** The data that answers a document. Raises ApiError. */
export async function ask<Data>(document: string, variables?: Variables, signal?: AbortSignal): Promise<Data> {
  const request: RequestInit = {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query: document, variables }),
  };
  if (signal !== undefined) request.signal = signal;
  let response: Response;
  try {
    response = await fetch(API, request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError("The server does not answer. It may have been stopped.", "UNREACHABLE", 0);
  }
  let envelope: Envelope<Data>;
  try {
    envelope = (await response.json()) as Envelope<Data>;
  } catch {
    throw new ApiError(
      `The server answered ${response.status}, and nothing that can be read.`,
      "UNREADABLE",
      response.status,
    );
  }
  return open(envelope, response.status);
}

/** The data in an envelope. Raises ApiError where there are errors. */
export function open<Data>(envelope: Envelope<Data>, status = 200): Data {
  const [error] = envelope.errors ?? [];
  if (error !== undefined) {
    if (error.extensions?.code === "UNAUTHENTICATED") onStranger();
    throw new ApiError(error.message, error.extensions?.code ?? "", status);
  }
  if (envelope.data === undefined || envelope.data === null) {
    throw new ApiError("The server answered without data.", "UNREADABLE", status);
  }
  return envelope.data;
}
