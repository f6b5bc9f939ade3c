/** Follows one subscription at a time, by server-sent events, and says how fresh the page is. */

import { API, ApiError, open, type Variables } from "./client";
import { EventReader } from "./events";

/** `idle`: the page follows nothing. `stale`: the stream broke, and what is shown may be old. */
export type Freshness = "idle" | "connecting" | "live" | "paused" | "stale" | "ended";

export interface LiveState {
  readonly freshness: Freshness;
  /** When something was last heard from the server, in milliseconds of the epoch. */
  readonly heard: number;
  /** Why it is stale. */
  readonly reason: string;
}

export interface Subscription {
  readonly document: string;
  readonly variables: Variables;
  readonly onData: (data: unknown) => void;
  /** Told of what the server refused: asking again would be in vain. */
  readonly onRefusal?: (error: ApiError) => void;
}

// The server says something every 12 seconds.
const SILENCE_MILLISECONDS = 30_000;
const FIRST_RETRY_MILLISECONDS = 500;
const LONGEST_RETRY_MILLISECONDS = 10_000;

export class LiveClient {
  private state: LiveState = { freshness: "idle", heard: 0, reason: "" };
  private readonly listeners = new Set<() => void>();
  private subscription: Subscription | null = null;
  private connection: AbortController | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private lastEvent: string | null = null;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): LiveState => this.state;

  /** Follow this from now on, in place of what was followed before; gives what ends it. */
  follow(subscription: Subscription): () => void {
    this.stop();
    this.subscription = subscription;
    this.lastEvent = null;
    this.failures = 0;
    if (this.state.freshness !== "paused") this.connect();
    return () => {
      if (this.subscription !== subscription) return;
      this.stop();
      this.subscription = null;
      if (this.state.freshness !== "paused") this.become("idle");
    };
  }

  /** Hold everything as it is shown; what happens meanwhile comes when it goes on. */
  readonly pause = (): void => {
    if (this.subscription === null) return;
    this.stop();
    this.become("paused");
  };

  readonly resume = (): void => {
    this.failures = 0;
    if (this.subscription === null) this.become("idle");
    else this.connect();
  };

  readonly toggle = (): void => {
    if (this.state.freshness === "paused") this.resume();
    else this.pause();
  };

  /** Try at once, where it waits to try again. */
  readonly retryNow = (): void => {
    if (this.state.freshness === "stale") this.resume();
  };

  /** Begin the stream anew: who asks has changed. */
  readonly restart = (): void => {
    this.lastEvent = null;
    if (this.state.freshness !== "paused") this.resume();
  };

  private stop(): void {
    clearTimeout(this.retry);
    this.connection?.abort();
    this.connection = null;
  }

  private become(freshness: Freshness, reason = ""): void {
    const heard = freshness === "live" ? Date.now() : this.state.heard;
    this.state = { freshness, heard, reason };
    for (const listener of this.listeners) listener();
  }

  private connect(): void {
    this.stop();
    const subscription = this.subscription;
    if (subscription === null) return;
    const connection = new AbortController();
    this.connection = connection;
    if (this.state.freshness !== "stale") this.become("connecting");
    this.read(subscription, connection).then(
      (ended) => {
        if (this.connection !== connection) return;
        if (ended) this.become("ended");
        else this.again("The stream ended.");
      },
      (error: unknown) => {
        if (this.connection !== connection) return;
        if (error instanceof ApiError && !error.isUnreachable && subscription.onRefusal !== undefined) {
          this.stop();
          this.become("ended");
          subscription.onRefusal(error);
          return;
        }
        this.again(error instanceof Error ? error.message : String(error));
      },
    );
  }

  private again(reason: string): void {
    this.connection?.abort();
    this.connection = null;
    this.become("stale", reason);
    const wait = Math.min(LONGEST_RETRY_MILLISECONDS, FIRST_RETRY_MILLISECONDS * 2 ** this.failures);
    this.failures += 1;
    this.retry = setTimeout(() => this.connect(), wait);
  }

  /** Read the stream to its end; gives whether that is the end of what is followed. */
  private async read(subscription: Subscription, connection: AbortController): Promise<boolean> {
    const headers: Record<string, string> = { "content-type": "application/json", accept: "text/event-stream" };
    if (this.lastEvent !== null) headers["last-event-id"] = this.lastEvent;
    let response: Response;
    try {
      response = await fetch(API, {
        method: "POST",
        headers,
        body: JSON.stringify({ query: subscription.document, variables: subscription.variables }),
        signal: connection.signal,
      });
    } catch {
      throw new ApiError("The server does not answer.", "UNREACHABLE", 0);
    }
    if (!response.headers.get("content-type")?.startsWith("text/event-stream") || response.body === null) {
      open((await response.json()) as object, response.status);
      throw new ApiError("The server answered no stream.", "UNREADABLE", response.status);
    }
    const events = new EventReader();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let silence: ReturnType<typeof setTimeout> | undefined;
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => connection.abort(), SILENCE_MILLISECONDS);
    };
    listen();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return false;
        listen();
        for (const event of events.read(value)) {
          if (connection.signal.aborted) return false;
          if (event.id !== null) this.lastEvent = event.id;
          if (event.name === "complete") return true;
          if (event.name === "next") {
            const data = open(JSON.parse(event.data) as object);
            this.failures = 0;
            this.become("live");
            subscription.onData(data);
          } else if (this.state.freshness === "live") {
            this.become("live");
          }
        }
      }
    } finally {
      clearTimeout(silence);
    }
  }
}

export const live = new LiveClient();
