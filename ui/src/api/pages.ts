/** Lists that are read page by page, as far as they are looked at. */

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { ask, type Variables } from "./client";

export const PAGE_ROWS = 200;

export interface Paged<Row> {
  readonly rows: readonly Row[];
  readonly data: readonly Row[] | undefined;
  readonly error: Error | null;
  readonly isFetching: boolean;
  /** Read the next page, where there is one and it is not on its way. */
  readonly more: () => void;
  readonly refetch: () => unknown;
}

/**
 * A list of rows that have a `cursor`. The document takes $after and $limit, and names its one list `rows`.
 *
 * A change makes the pages that were read be read again.
 */
export function usePaged<Row extends { readonly cursor: string }>(document: string, variables: Variables): Paged<Row> {
  const query = useInfiniteQuery({
    queryKey: [document, variables, "paged"],
    queryFn: async ({ pageParam, signal }) => {
      const data = await ask<{ readonly rows: readonly Row[] }>(
        document,
        { ...variables, after: pageParam, limit: PAGE_ROWS },
        signal,
      );
      return data.rows;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.length < PAGE_ROWS ? undefined : page.at(-1)?.cursor),
    placeholderData: keepPreviousData,
  });
  const { data, error, hasNextPage, isFetching, fetchNextPage, refetch } = query;
  const rows = useMemo(() => data?.pages.flat() ?? [], [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  return { rows, data: data === undefined ? undefined : rows, error, isFetching, more, refetch };
}
