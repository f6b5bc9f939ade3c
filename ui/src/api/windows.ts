/** Lists of known length of which only what is in view is read: any place of a hundred thousand lines at once. */

import { useQueries } from "@tanstack/react-query";
import { ask, type Variables } from "./client";

export const WINDOW_ROWS = 200;

/** Which pages of WINDOW_ROWS rows hold the rows from `first` to `last`. */
export function pagesOf(first: number, last: number, total: number): number[] {
  if (total === 0 || last < first) return [];
  const end = Math.min(last, total - 1);
  const from = Math.floor(Math.max(0, first) / WINDOW_ROWS);
  const pages: number[] = [];
  for (let page = from; page * WINDOW_ROWS <= end; page += 1) pages.push(page);
  return pages;
}

/**
 * The rows in view, by their place. The document takes $offset and $limit and names its one list `rows`; it must list
 * in an order in which new rows come last, so that a full page never changes.
 */
export function useWindows<Row>(
  document: string,
  variables: Variables,
  total: number,
  first: number,
  last: number,
): { readonly rowAt: (index: number) => Row | undefined; readonly error: Error | null } {
  const pages = pagesOf(first, last, total);
  const answers = useQueries({
    queries: pages.map((page) => {
      const isFull = (page + 1) * WINDOW_ROWS <= total;
      return {
        // How long the last page is belongs to the question: it is asked again as it grows.
        queryKey: [document, variables, page, isFull ? "full" : total],
        queryFn: async ({ signal }: { signal: AbortSignal }) => {
          const asked = { ...variables, offset: page * WINDOW_ROWS, limit: WINDOW_ROWS };
          return (await ask<{ readonly rows: readonly Row[] }>(document, asked, signal)).rows;
        },
        meta: { fixed: true },
        placeholderData: (former: readonly Row[] | undefined) => former,
      };
    }),
  });
  const error = answers.find((answer) => answer.error !== null)?.error ?? null;
  const start = pages[0] ?? 0;
  const rowAt = (index: number) => answers[Math.floor(index / WINDOW_ROWS) - start]?.data?.[index % WINDOW_ROWS];
  return { rowAt, error };
}
