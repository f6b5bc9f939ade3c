import type { JSX } from "react";
import { inkOn, MARKS, outlineOf } from "../lib/shapes";
import { colourOf, compareStates, shapeOf } from "../lib/states";

/** The sign of a state: its shape in its colour. Say the word beside it. */
export function StateShape({ state }: { readonly state: string | null }): JSX.Element {
  const colour = colourOf(state);
  const shape = shapeOf(state);
  const mark = MARKS[shape];
  return (
    <svg
      className="state-shape"
      viewBox="0 0 16 16"
      aria-hidden="true"
      style={{ "--state": colour, "--on": inkOn(colour) }}
    >
      <g className="state-outline">
        <path d={outlineOf(shape)} />
      </g>
      {mark.line === undefined ? (
        <path d={mark.path} className="fill-mark" />
      ) : (
        <path d={mark.path} fill="none" strokeWidth={mark.line} className="mark" />
      )}
    </svg>
  );
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
