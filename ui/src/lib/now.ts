/** One clock for the page, which stands still while nobody looks. */

import { useSyncExternalStore } from "react";

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

/** The time in milliseconds of the epoch, to the second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
