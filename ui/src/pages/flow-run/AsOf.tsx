import { Button } from "@mantine/core";
import { type JSX, useEffect, useState } from "react";
import { ask } from "../../api/client";
import { useAsk } from "../../api/hooks";
import { useKeys } from "../../lib/keys";
import { useClock } from "../../lib/now";
import { isOneOf } from "../../lib/states";
import { clock, duration, local, utc } from "../../lib/time";

const EXTENT = `
query flow_run_extent($id: uuid!) {
  flow_run_by_pk(id: $id) { id state created }
  first: flow_run_state(where: {flow_run_id: {_eq: $id}}, order_by: [{sequence: asc}], limit: 1) { timestamp }
  last_flow: flow_run_state(where: {flow_run_id: {_eq: $id}}, order_by: [{sequence: desc}], limit: 1) { timestamp }
  last_task: task_run_state(where: {flow_run_id: {_eq: $id}}, order_by: [{sequence: desc}], limit: 1) { timestamp }
}`;

interface Extent {
  readonly flow_run_by_pk: { readonly state: string | null } | null;
  readonly first: readonly { readonly timestamp: string }[];
  readonly last_flow: readonly { readonly timestamp: string }[];
  readonly last_task: readonly { readonly timestamp: string }[];
}

const STEP = `
query flow_run_step($id: uuid!, $before: timestamptz, $after: timestamptz) {
  earlier: task_run_state(where: {flow_run_id: {_eq: $id}, timestamp: {_lt: $before}},
    order_by: [{sequence: desc}], limit: 1) { timestamp }
  later: task_run_state(where: {flow_run_id: {_eq: $id}, timestamp: {_gt: $after}},
    order_by: [{sequence: asc}], limit: 1) { timestamp }
}`;

interface AsOfProps {
  readonly flowRunId: string;
  readonly asOf: string | undefined;
  readonly onChange: (asOf: string | undefined) => void;
}

/** The moment as of which a run is shown, to be moved; nothing where it is shown as of now. */
export function AsOf({ flowRunId, asOf, onChange }: AsOfProps): JSX.Element | null {
  return asOf === undefined ? null : <Slider flowRunId={flowRunId} asOf={asOf} onChange={onChange} />;
}

const STEPS = 1000;

function Slider({ flowRunId, asOf, onChange }: AsOfProps & { readonly asOf: string }): JSX.Element | null {
  const now = useClock();
  const extent = useAsk<Extent>(EXTENT, { id: flowRunId }).data;
  const at = Date.parse(asOf);
  // What is dragged is shown at once, and asked for when it rests.
  const [held, setHeld] = useState<number | null>(null);
  useEffect(() => {
    if (held === null) return;
    const timer = setTimeout(() => {
      onChange(new Date(held).toISOString());
      setHeld(null);
    }, 120);
    return () => clearTimeout(timer);
  }, [held, onChange]);
  // The first whole millisecond at which it exists.
  const from = extent?.first[0] === undefined ? at : Date.parse(extent.first[0].timestamp) + 1;
  const last = [...(extent?.last_flow ?? []), ...(extent?.last_task ?? [])].map(({ timestamp }) =>
    Date.parse(timestamp),
  );
  const isOpen = extent !== undefined && !isOneOf(extent.flow_run_by_pk?.state, "CLOSED");
  const to = Math.max(from + 1, isOpen ? now : 0, ...last.map((moment) => moment + 1));
  const shown = held ?? at;
  const step = async (direction: "earlier" | "later") => {
    const found = await ask<Record<"earlier" | "later", readonly { readonly timestamp: string }[]>>(STEP, {
      id: flowRunId,
      before: asOf,
      after: asOf,
    });
    const [state] = found[direction];
    if (state !== undefined) onChange(state.timestamp);
    else onChange(direction === "earlier" ? new Date(from).toISOString() : undefined);
  };
  useKeys("Moment", [
    { keys: "<", says: "the change before", run: () => void step("earlier") },
    { keys: ">", says: "the change after", run: () => void step("later") },
  ]);
  return (
    <div className="as-of">
      <span>
        As it stood at{" "}
        <time dateTime={asOf} title={utc(shown)}>
          <b>
            {local(shown, now)}.{clock(shown).slice(-3)}
          </b>
        </time>
        {extent !== undefined && (
          <span className="soft">, {duration(Math.max(0, shown - from))} after it was made</span>
        )}
      </span>
      <input
        type="range"
        aria-label="Moment as of which the run is shown"
        aria-valuetext={utc(shown)}
        min={0}
        max={STEPS}
        value={Math.round(Math.max(0, Math.min(1, (shown - from) / (to - from))) * STEPS)}
        onChange={(event) => setHeld(from + (Number(event.currentTarget.value) / STEPS) * (to - from))}
      />
      <Button onClick={() => void step("earlier")}>Change before</Button>
      <Button onClick={() => void step("later")}>Change after</Button>
      <Button onClick={() => onChange(undefined)}>Now</Button>
    </div>
  );
}
