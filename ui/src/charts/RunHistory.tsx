import type { JSX } from "react";
import { useNow } from "../lib/now";
import { colourOf, isOneOf } from "../lib/states";
import { duration } from "../lib/time";
import "./charts.css";

interface Bar {
  readonly id: string;
  readonly name: string | null;
  readonly state: string | null;
  readonly start_time: string | null;
  readonly end_time: string | null;
  readonly flow: { readonly name: string } | null;
}

interface RunHistoryProps {
  /** Newest first. */
  readonly runs: readonly Bar[];
  readonly onOpen: (id: string) => void;
}

const HEIGHT = 56;
const WIDTH = 8;
const GAP = 2;

/** The newest runs side by side: each as high as it took long, on a scale on which ten times as long is one step more. */
export function RunHistory({ runs, onOpen }: RunHistoryProps): JSX.Element | null {
  const now = useNow();
  if (runs.length === 0) return null;
  const bars = runs.toReversed().map((run) => {
    const start = run.start_time === null ? now : Date.parse(run.start_time);
    return { run, length: Math.max(0, (run.end_time === null ? now : Date.parse(run.end_time)) - start) };
  });
  const longest = Math.log10(10 + Math.max(...bars.map(({ length }) => length)));
  return (
    <svg
      className="run-history"
      height={HEIGHT}
      width={bars.length * (WIDTH + GAP)}
      role="img"
      aria-label={`How long the newest ${bars.length} runs took; the same runs are listed under Flow runs`}
    >
      {bars.map(({ run, length }, index) => {
        const height = Math.max(4, (Math.log10(10 + length) / longest) * (HEIGHT - 8));
        const x = index * (WIDTH + GAP);
        const failed = isOneOf(run.state, "FAILED");
        return (
          <g key={run.id} className="run-history-bar" onClick={() => onOpen(run.id)}>
            <title>{`${run.name} of ${run.flow?.name}: ${run.state}, ${duration(length)}`}</title>
            <rect x={x} y={0} width={WIDTH + GAP} height={HEIGHT} fill="transparent" />
            <rect
              x={x}
              y={HEIGHT - 6 - height}
              width={WIDTH}
              height={height}
              rx={1}
              fill={colourOf(run.state)}
              stroke={`color-mix(in oklab, ${colourOf(run.state)} 55%, var(--ink))`}
              strokeWidth={0.75}
            />
            {/* A failure is marked below as well, for those who do not see its colour. */}
            {failed && <path d={`M${x} ${HEIGHT} h${WIDTH} l${-WIDTH / 2} -4 z`} fill="var(--danger)" />}
          </g>
        );
      })}
    </svg>
  );
}
