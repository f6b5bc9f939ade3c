/** What a page uses to ask and to follow. */

import {
  keepPreviousData,
  QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { ApiError, ask, type Variables } from "./client";
import { type LiveState, live } from "./live";

export const queryClient = new QueryClient({
  defaultOptions: {
    // The server is on this machine, which may be offline.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      // Nothing is asked again but when the stream of the page says that something has changed.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (failures, error) => error instanceof ApiError && error.isUnreachable && failures < 2,
      retryDelay: 400,
    },
  },
});

export interface AskOptions {
  readonly enabled?: boolean;
  /** Do not ask again when the stream of the page tells of a change: what is asked for does not change. */
  readonly fixed?: boolean;
  /** Ask again when this becomes another: for what the stream of the page does not tell of. */
  readonly again?: number;
}

/** The answer to a document, asked again when the stream of the page tells of a change. The last one stays meanwhile. */
export function useAsk<Data>(
  document: string,
  variables: Variables = {},
  options: AskOptions = {},
): UseQueryResult<Data, Error> {
  return useQuery<Data, Error>({
    queryKey: options.again === undefined ? [document, variables] : [document, variables, options.again],
    queryFn: ({ signal }) => ask<Data>(document, variables, signal),
    enabled: options.enabled ?? true,
    placeholderData: keepPreviousData,
    meta: { fixed: options.fixed ?? false },
  });
}

/**
 * Does something with an answer: at once or, where it is still on its way, as soon as it is there and the page is still
 * `of` the same thing.
 */
export function useWithAnswer<Data>(
  answer: UseQueryResult<Data, Error>,
  of: string,
): (act: (data: Data) => void) => void {
  const waiting = useRef<{ of: string; act: (data: Data) => void } | null>(null);
  const there = answer.isPlaceholderData ? undefined : answer.data;
  useEffect(() => {
    const waited = waiting.current;
    if (there === undefined || waited === null) return;
    waiting.current = null;
    if (waited.of === of) waited.act(there);
  }, [there, of]);
  return (act) => {
    if (there === undefined) waiting.current = { of, act };
    else act(there);
  };
}

/** A mutation. What the page shows is asked again after it, also where the page is held or its stream is broken. */
export function useChange<Data>(document: string): UseMutationResult<Data, Error, Variables> {
  const client = useQueryClient();
  return useMutation<Data, Error, Variables>({
    mutationFn: (variables) => ask<Data>(document, variables),
    onSettled: () => client.invalidateQueries({ predicate: (query) => query.meta?.fixed !== true }),
  });
}

/** How fresh the page is. */
export function useFreshness(): LiveState {
  return useSyncExternalStore(live.subscribe, live.snapshot);
}

// What came of a change is not asked for more often than this, nor more than a quarter of the time.
const LEAST_PAUSE_MILLISECONDS = 200;
const LEAST_PAUSE_RATIO = 3;

/**
 * Follow a subscription as long as the page is open: the one stream of a page. Each answer makes everything that
 * `useAsk` shows be asked again, and is handed to `onData` before.
 */
export function useLive(document: string, variables: Variables = {}, onData?: (data: unknown) => void): void {
  const client = useQueryClient();
  const handler = useRef(onData);
  handler.current = onData;
  const key = JSON.stringify(variables);
  useEffect(() => {
    let isFirst = true;
    let isBusy = false;
    let isWanted = false;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = async (cancelRefetch: boolean) => {
      isBusy = true;
      isWanted = false;
      const started = performance.now();
      await client.invalidateQueries({ predicate: (query) => query.meta?.fixed !== true }, { cancelRefetch });
      if (isOver) return;
      const pause = Math.max(LEAST_PAUSE_MILLISECONDS, LEAST_PAUSE_RATIO * (performance.now() - started));
      timer = setTimeout(() => {
        isBusy = false;
        if (isWanted) void refresh(true);
      }, pause);
    };
    const stop = live.follow({
      document,
      variables: JSON.parse(key) as Variables,
      onData: (data) => {
        handler.current?.(data);
        isWanted = true;
        // Something may have changed between the questions of the page and the first answer of its stream; those that
        // are still on their way need not be asked again for it.
        if (!isBusy) void refresh(!isFirst);
        isFirst = false;
      },
    });
    return () => {
      isOver = true;
      clearTimeout(timer);
      stop();
    };
  }, [client, document, key]);
}
