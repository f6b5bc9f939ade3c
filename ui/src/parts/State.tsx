import type { JSX } from "react";
import { colourOf, compareStates, type Shape, shapeOf } from "../lib/states";

const PATHS: Record<Shape, JSX.Element> = {
  check: <path d="M4 8.4 6.8 11 12 5.4" fill="none" strokeWidth="2" className="mark" />,
  cross: <path d="m5 5 6 6m0-6-6 6" fill="none" strokeWidth="2" className="mark" />,
  blocked: <path d="M4.6 5.8h6.8M4.6 10.2h6.8" fill="none" strokeWidth="2" className="mark" />,
  late: <path d="M8 4.2V8l2.6 1.8" fill="none" strokeWidth="1.6" className="mark" />,
  bar: <path d="M4.2 8h7.6" fill="none" strokeWidth="2" className="mark" />,
  clock: <path d="M8 4.2V8l2.6 1.8" fill="none" strokeWidth="1.6" className="mark" />,
  pause: <path d="M6.2 5v6m3.6-6v6" fill="none" strokeWidth="1.8" className="mark" />,
  arrow: <path d="M11 6.2A3.6 3.6 0 1 0 11.4 9M11.4 4v2.6H8.8" fill="none" strokeWidth="1.6" className="mark" />,
  stack: <path d="M5 6h6M5 8.2h6M5 10.4h6" fill="none" strokeWidth="1.4" className="mark" />,
  bolt: <path d="M8.8 3.8 5.4 8.6h2.4l-.6 3.6 3.4-4.8H8.2z" className="fill-mark" />,
  skip: <path d="M4.8 5.2 8 8l-3.2 2.8m3.6-5.6L11.6 8l-3.2 2.8" fill="none" strokeWidth="1.5" className="mark" />,
  half: <path d="M8 3.2a4.8 4.8 0 0 1 0 9.6z" className="fill-mark" />,
  ring: <circle cx="8" cy="8" r="2" className="fill-mark" />,
};

// Failures are square, what was cancelled has eight corners, the rest is round: told apart without colour.
function outline(shape: Shape): JSX.Element {
  if (shape === "cross" || shape === "blocked" || shape === "late")
    return <rect x="1.5" y="1.5" width="13" height="13" rx="2" />;
  if (shape === "bar") return <path d="M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2z" />;
  return <circle cx="8" cy="8" r="6.8" />;
}

/** The sign of a state: its shape in its colour. Say the word beside it. */
export function StateShape({ state }: { readonly state: string | null }): JSX.Element {
  const colour = colourOf(state);
  const shape = shapeOf(state);
  return (
    <svg
      className="state-shape"
      viewBox="0 0 16 16"
      aria-hidden="true"
      style={{ "--state": colour, "--on": inkOn(colour) }}
    >
      <g className="state-outline">{outline(shape)}</g>
      {PATHS[shape]}
    </svg>
  );
}

/** Black or white, whichever is read better on a colour. */
function inkOn(colour: string): string {
  const part = (at: number) => (Number.parseInt(colour.slice(at, at + 2), 16) / 255) ** 2.2;
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5) > 0.36 ? "#16181c" : "#ffffff";
}

/** A state: shape, word and colour. */
export function State({
  state,
  title,
}: {
  readonly state: string | null;
  readonly title?: string | null;
}): JSX.Element {
  return (
    <span className="state" title={title ?? undefined}>
      <StateShape state={state} />
      {state ?? "no state"}
    </span>
  );
}

export interface StateCount {
  readonly state: string | null;
  readonly count: number;
}

export interface StateStripProps {
  readonly counts: readonly StateCount[];
  readonly chosen?: readonly string[];
  readonly onChoose?: (states: string[]) => void;
  readonly label: string;
}

/** How many are in which state; each a button that filters. */
export function StateStrip({ counts, chosen = [], onChoose, label }: StateStripProps): JSX.Element {
  const shown = sorted(counts);
  for (const state of chosen) {
    if (!shown.some((entry) => entry.state === state)) shown.push({ state, count: 0 });
  }
  const toggle = (state: string) =>
    onChoose?.(chosen.includes(state) ? chosen.filter((other) => other !== state) : [...chosen, state]);
  return (
    <div className="state-strip" role="group" aria-label={label}>
      {shown.map(({ state, count }) => (
        <button
          key={state}
          type="button"
          className="state-count"
          aria-pressed={chosen.includes(state ?? "")}
          onClick={() => toggle(state ?? "")}
        >
          <StateShape state={state} />
          <b>{count.toLocaleString("en")}</b> {state}
        </button>
      ))}
    </div>
  );
}

/** The share of each state, as a bar; said in words for those who do not see it. */
export function StateBar({ counts }: { readonly counts: readonly StateCount[] }): JSX.Element {
  const total = counts.reduce((sum, entry) => sum + entry.count, 0);
  const said = sorted(counts)
    .map((entry) => `${entry.count} ${entry.state}`)
    .join(", ");
  return (
    <div className="state-bar" role="img" aria-label={said || "nothing"} title={said}>
      {sorted(counts).map((entry) => (
        <span
          key={entry.state}
          style={{ background: colourOf(entry.state), flex: `${entry.count / Math.max(1, total)} 0 0` }}
        />
      ))}
    </div>
  );
}

function sorted(counts: readonly StateCount[]): StateCount[] {
  return counts
    .filter((entry) => entry.count > 0)
    .toSorted((one, other) => compareStates(one.state ?? "", other.state ?? ""));
}
