import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Freshness, LiveClient } from "./live";

const encoder = new TextEncoder();
let streams: ReadableStreamDefaultController<Uint8Array>[] = [];
let asked: RequestInit[] = [];

function answerWithStream(_address: unknown, request: RequestInit): Promise<Response> {
  asked.push(request);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      streams.push(controller);
    },
  });
  return Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } }));
}

beforeEach(() => {
  streams = [];
  asked = [];
  vi.useFakeTimers();
  vi.stubGlobal("fetch", vi.fn(answerWithStream));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function until(client: LiveClient, freshness: Freshness): Promise<void> {
  for (let turn = 0; turn < 100 && client.snapshot().freshness !== freshness; turn += 1) await Promise.resolve();
  expect(client.snapshot().freshness).toBe(freshness);
}

function say(text: string): void {
  streams.at(-1)?.enqueue(encoder.encode(text));
}

test("it is live once an answer has come, and hands it on", async () => {
  const client = new LiveClient();
  const heard: unknown[] = [];
  client.follow({ document: "subscription { a }", variables: {}, onData: (data) => heard.push(data) });
  expect(client.snapshot().freshness).toBe("connecting");
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  say('event: next\ndata: {"data":{"a":1}}\n\n');
  await until(client, "live");
  expect(heard).toEqual([{ a: 1 }]);
});

test("a stream that breaks makes it stale, and it goes on where it was left", async () => {
  const client = new LiveClient();
  client.follow({ document: "subscription { a }", variables: {}, onData: () => {} });
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  say('id: 12\nevent: next\ndata: {"data":{"a":1}}\n\n');
  await until(client, "live");
  streams[0]?.close();
  await until(client, "stale");
  await vi.advanceTimersByTimeAsync(600);
  expect(streams).toHaveLength(2);
  expect(new Headers(asked[1]?.headers).get("last-event-id")).toBe("12");
  say('event: next\ndata: {"data":{"a":2}}\n\n');
  await until(client, "live");
});

test("silence is noticed", async () => {
  const client = new LiveClient();
  client.follow({ document: "subscription { a }", variables: {}, onData: () => {} });
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  say('event: next\ndata: {"data":{"a":1}}\n\n');
  await until(client, "live");
  await vi.advanceTimersByTimeAsync(20_000);
  say(":\n\n");
  await vi.advanceTimersByTimeAsync(20_000);
  expect(client.snapshot().freshness).toBe("live");
  asked[0]?.signal?.addEventListener("abort", () => streams[0]?.error(new DOMException("aborted", "AbortError")));
  await vi.advanceTimersByTimeAsync(31_000);
  expect(client.snapshot().freshness).not.toBe("live");
});

test("paused it hears nothing, and asks anew when it goes on", async () => {
  const client = new LiveClient();
  const heard: unknown[] = [];
  client.follow({ document: "subscription { a }", variables: {}, onData: (data) => heard.push(data) });
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  client.pause();
  expect(client.snapshot().freshness).toBe("paused");
  expect(asked[0]?.signal?.aborted).toBe(true);
  client.resume();
  await vi.waitFor(() => expect(streams).toHaveLength(2));
});
