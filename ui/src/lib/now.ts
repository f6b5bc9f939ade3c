/** One clock for the page, which stands still while nobody looks. */

import { createContext, useContext, useSyncExternalStore } from "react";

const TICK_MILLISECONDS = 1000;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  if (document.visibilityState === "hidden") return;
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MILLISECONDS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Where everything is shown as of an earlier moment, that moment, in milliseconds of the epoch; null for now. */
export const ShownAsOf = createContext<number | null>(null);

/** The time in milliseconds of the epoch, to the second; that of what is shown, where that is an earlier moment. */
export function useNow(): number {
  const moment = useContext(ShownAsOf);
  const time = useClock();
  return moment ?? time;
}

/** The time in milliseconds of the epoch, to the second, whatever is shown. */
export function useClock(): number {
  return useSyncExternalStore(subscribe, () => now);
}
