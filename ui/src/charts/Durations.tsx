import { useNavigate } from "@tanstack/react-router";
import { type JSX, type KeyboardEvent, useRef } from "react";
import { useNow } from "../lib/now";
import { colourOf, isOneOf } from "../lib/states";
import { durationTicks } from "../lib/ticks";
import { duration, local } from "../lib/time";
import "./charts.css";

export interface TimedRun {
  readonly id: string;
  readonly name: string | null;
  readonly state: string | null;
  readonly scheduled_start_time: string;
  readonly start_time: string | null;
  readonly end_time: string | null;
}

interface DurationsProps {
  /** Newest first. */
  readonly runs: readonly TimedRun[];
  readonly label: string;
}

const HEIGHT = 110;
const WIDTH = 9;
const GAP = 2;
const FOOT = 8;

/** How long runs took, side by side, each in the colour of its state; the line is what half of the successful ones took. */
export function Durations({ runs, label }: DurationsProps): JSX.Element {
  const now = useNow();
  const navigate = useNavigate();
  const picture = useRef<SVGSVGElement>(null);
  const bars = runs
    .filter(({ start_time }) => start_time !== null)
    .toReversed()
    .map((run) => ({ run, length: lengthOf(run, now) }));
  if (bars.length === 0) return <p className="soft">No run has begun yet.</p>;
  const { top, ticks } = durationTicks(Math.max(...bars.map(({ length }) => length)));
  const y = (length: number) => HEIGHT - (length / top) * HEIGHT;
  const half = median(bars.filter(({ run }) => isOneOf(run.state, "CLOSED") && !isOneOf(run.state, "FAILED")));
  const width = bars.length * (WIDTH + GAP);
  const open = (id: string) => void navigate({ to: "/flow-run/$id", params: { id } });
  const go = (event: KeyboardEvent) => {
    const all = [...(picture.current?.querySelectorAll<SVGGElement>("[role=link]") ?? [])];
    const at = all.indexOf(document.activeElement as unknown as SVGGElement);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      all[at + step]?.focus();
    } else if (event.key === "Enter") {
      const bar = bars[at];
      if (bar !== undefined) open(bar.run.id);
    }
  };
  return (
    <figure className="durations" aria-label={label}>
      <div className="durations-axis" style={{ height: HEIGHT }} aria-hidden="true">
        {ticks.map((tick) => (
          <span key={tick} style={{ top: y(tick) }}>
            {duration(tick)}
          </span>
        ))}
      </div>
      <div className="durations-scroll">
        <svg
          ref={picture}
          height={HEIGHT + FOOT}
          width="100%"
          style={{ minWidth: width }}
          onKeyDown={go}
          role="group"
          aria-label={label}
        >
          {ticks.map((tick) => (
            <line key={tick} x1={0} x2="100%" y1={y(tick)} y2={y(tick)} stroke="var(--line)" />
          ))}
          {bars.map(({ run, length }, index) => {
            const x = index * (WIDTH + GAP);
            const said = `${run.name}: ${run.state}, ${duration(length)}, ${local(Date.parse(run.scheduled_start_time), now)}`;
            const height = Math.max(3, HEIGHT - y(length));
            return (
              <g
                key={run.id}
                className="durations-bar"
                role="link"
                aria-label={said}
                // One stop for Tab, and the arrows from there.
                tabIndex={index === bars.length - 1 ? 0 : -1}
                onClick={() => open(run.id)}
              >
                <title>{said}</title>
                <rect x={x} y={0} width={WIDTH + GAP} height={HEIGHT + FOOT} fill="transparent" />
                <rect
                  x={x}
                  y={HEIGHT - height}
                  width={WIDTH}
                  height={height}
                  fill={colourOf(run.state)}
                  stroke={`color-mix(in oklab, ${colourOf(run.state)} 55%, var(--ink))`}
                  strokeWidth={0.75}
                />
                {/* A failure is marked below as well, for those who do not see its colour. */}
                {isOneOf(run.state, "FAILED") && (
                  <path d={`M${x} ${HEIGHT + FOOT} h${WIDTH} l${-WIDTH / 2} -6 z`} fill="var(--danger)" />
                )}
              </g>
            );
          })}
          {half !== null && (
            <line x1={0} x2="100%" y1={y(half)} y2={y(half)} stroke="var(--ink)" strokeDasharray="4 3" opacity={0.7} />
          )}
        </svg>
      </div>
      {half !== null && (
        <figcaption className="soft">
          Of the newest {bars.length} runs that began, half of those that went well took at most {duration(half)}.
        </figcaption>
      )}
    </figure>
  );
}

function lengthOf(run: TimedRun, now: number): number {
  return Math.max(0, (run.end_time === null ? now : Date.parse(run.end_time)) - Date.parse(run.start_time ?? ""));
}

function median(bars: readonly { readonly length: number }[]): number | null {
  const lengths = bars.map(({ length }) => length).toSorted((one, other) => one - other);
  return lengths[Math.floor((lengths.length - 1) / 2)] ?? null;
}
