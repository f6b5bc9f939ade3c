import { Link } from "@tanstack/react-router";
import { type JSX, type KeyboardEvent, useRef } from "react";
import { type Bucket, bucketLabel, roundUp } from "../lib/buckets";
import { colourOf, compareStates, isOneOf } from "../lib/states";
import { local } from "../lib/time";
import type { StateCount } from "../parts/State";
import "./charts.css";

export interface HistogramBar extends Bucket {
  readonly counts: readonly StateCount[];
}

interface StateHistogramProps {
  readonly bars: readonly HistogramBar[];
  readonly label: string;
  /** The address where the runs of a stretch are listed, after its `?`. */
  readonly searchOf: (bar: HistogramBar) => Record<string, string | undefined>;
}

/** How many runs in which state, stretch by stretch; each leads to its runs. Left and right go along it. */
export function StateHistogram({ bars, label, searchOf }: StateHistogramProps): JSX.Element {
  const row = useRef<HTMLDivElement>(null);
  const most = roundUp(Math.max(0, ...bars.map(totalOf)));
  const every = Math.max(1, Math.ceil(bars.length / 12));
  const go = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const links = [...(row.current?.querySelectorAll("a") ?? [])];
    const next = links[links.indexOf(document.activeElement as HTMLAnchorElement) + step];
    next?.focus();
  };
  return (
    <figure className="histogram" aria-label={label}>
      <div className="histogram-axis" aria-hidden="true">
        <span>{most.toLocaleString("en")}</span>
        {most % 2 === 0 && <span>{(most / 2).toLocaleString("en")}</span>}
        <span>0</span>
      </div>
      <div className="histogram-bars" ref={row} onKeyDown={go}>
        {bars.map((bar, index) => (
          <Link
            key={bar.from}
            to="/flow-runs"
            search={searchOf(bar) as never}
            className="histogram-bar"
            aria-label={said(bar)}
            title={said(bar)}
            // One stop for Tab, and the arrows from there.
            tabIndex={index === bars.length - 1 ? 0 : -1}
            preload={false}
          >
            <span className="histogram-stack">
              {bar.counts
                .filter(({ count }) => count > 0)
                .toSorted((one, other) => compareStates(other.state ?? "", one.state ?? ""))
                .map(({ state, count }) => (
                  <span
                    key={state}
                    className="histogram-part"
                    data-failed={isOneOf(state, "FAILED") || undefined}
                    style={{ "--state": colourOf(state), height: `${(count / most) * 100}%` }}
                  />
                ))}
            </span>
            <span className="histogram-label" aria-hidden="true">
              {(bars.length - 1 - index) % every === 0 ? bucketLabel(bar) : ""}
            </span>
          </Link>
        ))}
      </div>
    </figure>
  );
}

function totalOf(bar: HistogramBar): number {
  return bar.counts.reduce((sum, { count }) => sum + count, 0);
}

function said(bar: HistogramBar): string {
  const now = Date.now();
  const label = bucketLabel(bar);
  const span = `${local(bar.from, now)} to ${local(bar.to, now)}`;
  // What is written under the bar is part of its name.
  const times = span.includes(label) ? span : `${label}, ${span}`;
  const counts = bar.counts
    .filter(({ count }) => count > 0)
    .toSorted((one, other) => compareStates(one.state ?? "", other.state ?? ""))
    .map(({ state, count }) => `${count.toLocaleString("en")} ${state}`);
  return `${times}: ${counts.length > 0 ? counts.join(", ") : "no runs"}`;
}
