/** The keyboard: what each key does on the page that is open. `?` lists it. */

import { useEffect, useRef, useSyncExternalStore } from "react";

export interface Shortcut {
  /** As KeyboardEvent.key says it; "g d" is one after the other, "mod+k" is Ctrl or Cmd. */
  readonly keys: string;
  readonly says: string;
  readonly run: (event: KeyboardEvent) => void;
  /** Works while something is being typed. */
  readonly whileTyping?: boolean;
}

interface Registered {
  readonly where: string;
  readonly shortcuts: readonly Shortcut[];
}

const SEQUENCE_MILLISECONDS = 1200;

let registered: readonly Registered[] = [];
const listeners = new Set<() => void>();
let begun: { key: string; at: number } | null = null;

function change(next: readonly Registered[]): void {
  registered = next;
  for (const listener of listeners) listener();
}

/** Let keys do something as long as the component is there; `where` heads them in the list under `?`. */
export function useKeys(where: string, shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  const signature = shortcuts.map((shortcut) => `${shortcut.keys}\t${shortcut.says}`).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: what a key does is looked up when it is pressed
  useEffect(() => {
    const entry: Registered = {
      where,
      shortcuts: latest.current.map((shortcut, index) => ({
        ...shortcut,
        run: (event) => latest.current[index]?.run(event),
      })),
    };
    change([...registered, entry]);
    return () => change(registered.filter((other) => other !== entry));
  }, [where, signature]);
}

/** Every key that does something now, by where. */
export function useRegisteredKeys(): readonly Registered[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => registered,
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** What was pressed, as a shortcut spells it; "" for a modifier alone or a combination that belongs to the browser. */
export function pressed(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): string {
  const key = event.key === " " ? "space" : event.key.length === 1 ? event.key : event.key.toLowerCase();
  if (event.altKey || ["shift", "control", "meta", "alt"].includes(key)) return "";
  return event.ctrlKey || event.metaKey ? `mod+${key.toLowerCase()}` : key;
}

/** Listen to the keyboard; gives what ends it. */
export function listenToKeys(): () => void {
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented) return;
    const key = pressed(event);
    if (key === "") return;
    const typing = isTyping(event.target);
    // A dialog has the keyboard to itself, and buttons keep the keys that press them.
    const inDialog = document.querySelector("[role=dialog]") !== null;
    const onControl =
      event.target instanceof HTMLElement && event.target.closest("button, a, [role=tab], [role=menuitem]") !== null;
    if (onControl && (key === "space" || key === "enter")) return;
    const sequence = begun !== null && event.timeStamp - begun.at < SEQUENCE_MILLISECONDS ? `${begun.key} ${key}` : key;
    begun = null;
    // What came last is nearest to what the person looks at.
    const found = [...registered]
      .reverse()
      .flatMap((entry) => entry.shortcuts)
      .filter((shortcut) => shortcut.whileTyping === true || (!typing && !inDialog));
    const match =
      found.find((shortcut) => shortcut.keys === sequence) ?? found.find((shortcut) => shortcut.keys === key);
    if (match !== undefined) {
      event.preventDefault();
      match.run(event);
    } else if (found.some((shortcut) => shortcut.keys.startsWith(`${key} `))) {
      begun = { key, at: event.timeStamp };
    }
  };
  window.addEventListener("keydown", listen);
  return () => window.removeEventListener("keydown", listen);
}
