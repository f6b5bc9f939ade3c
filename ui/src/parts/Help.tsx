import type { JSX } from "react";
import { useRegisteredKeys } from "../lib/keys";
import { Dialog } from "./Dialog";

interface HelpProps {
  readonly onClose: () => void;
}

/** Every key that does something on the page that is open. */
export function Help({ onClose }: HelpProps): JSX.Element {
  const places = new Map<string, Map<string, string>>();
  const registered = useRegisteredKeys();
  for (const { where, shortcuts } of registered) {
    const listed = places.get(where) ?? new Map<string, string>();
    for (const { keys, says } of shortcuts) listed.set(keys, says);
    places.set(where, listed);
  }
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div className="keys">
        {[...places].map(([where, shortcuts]) => (
          <section key={where}>
            <h3>{where}</h3>
            <dl>
              {[...shortcuts].map(([keys, says]) => (
                <Line key={keys} keys={keys} says={says} />
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function Line({ keys, says }: { readonly keys: string; readonly says: string }): JSX.Element {
  return (
    <>
      <dt>
        {keys.split(" ").map((key, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a sequence may have a key twice
          <span key={index}>
            {index > 0 && " "}
            <kbd className="key">{named(key)}</kbd>
          </span>
        ))}
      </dt>
      <dd>{says}</dd>
    </>
  );
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function named(key: string): string {
  if (key.startsWith("mod+")) return `${isMac ? "⌘" : "Ctrl "}${key.slice(4).toUpperCase()}`;
  return { arrowup: "↑", arrowdown: "↓", arrowleft: "←", arrowright: "→", escape: "esc" }[key] ?? key;
}
