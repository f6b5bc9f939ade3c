import { useComputedColorScheme } from "@mantine/core";
import { type JSX, type PointerEvent as ReactPointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { useKeys } from "../../lib/keys";
import { drawState } from "../../lib/shapes";
import { colourOf, isOneOf } from "../../lib/states";
import { clock, duration } from "../../lib/time";
import { clipped, type Ink, inkOf, prepared } from "../canvas";
import { useSize } from "../useSize";
import { histogramOf, KINDS, type Row, STATE_NAMES, type TimelineData } from "./model";
import { lengthOf, momentOf, placeOf, type Scale, ticksOf } from "./scale";
import "./timeline.css";

export interface View {
  /** What is in view, in moments. */
  readonly from: number;
  readonly to: number;
}

interface TimelineChartProps {
  readonly data: TimelineData;
  readonly rows: readonly Row[];
  readonly scale: Scale;
  readonly now: number;
  readonly critical: ReadonlySet<number>;
  readonly selected: string | undefined;
  readonly view: View | null;
  /** The moment as of which the run is shown; null for now. */
  readonly asOf: number | null;
  readonly nameOf: (task: number, run: number) => string;
  readonly isOpened: (task: number) => boolean;
  readonly onView: (view: View | null) => void;
  readonly onSelect: (run: number) => void;
  readonly onToggle: (task: number) => void;
}

const LABEL = 210;
const RIGHT = 14;
const ROW = 22;
const AXIS = 20;
const FLOW = 16;
const LOGS = 26;
const HEAD = AXIS + FLOW + LOGS + 6;
const OVERVIEW = 34;
const BIN = 3;

const WAITING = KINDS.indexOf("waiting");
const QUEUED = KINDS.indexOf("queued");
const RUNNING = KINDS.indexOf("running");
const RETRYING = KINDS.indexOf("retrying");
const MAPPED = KINDS.indexOf("mapped");
const ENDED = KINDS.indexOf("ended");

/** Task runs, states and log lines on one axis of time. */
export function TimelineChart(props: TimelineChartProps): JSX.Element {
  const { data, rows, scale, now, critical, selected, view, asOf, nameOf, isOpened, onView, onSelect, onToggle } =
    props;
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overview = useRef<HTMLCanvasElement>(null);
  const { width, height } = useSize(scroller);
  const scheme = useComputedColorScheme();
  const [current, setCurrent] = useState(-1);
  const [hovered, setHovered] = useState<{ readonly x: number; readonly y: number; readonly said: string } | null>(
    null,
  );
  const [brush, setBrush] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const length = lengthOf(scale);
  // In places of the scale, which is what is even on the screen.
  const low = view === null ? 0 : Math.max(0, placeOf(scale, view.from));
  const high = view === null ? length : Math.max(low + length * 1e-9, Math.min(length, placeOf(scale, view.to)));
  const room = Math.max(1, width - LABEL - RIGHT);
  const xOf = (moment: number) => LABEL + ((placeOf(scale, moment) - low) / (high - low)) * room;

  const look = (from: number, to: number) => {
    // Nearer than a hundredth of a millisecond there is nothing to see.
    const span = Math.min(length, Math.max(0.01, to - from));
    const begin = Math.max(0, Math.min(length - span, from));
    if (span >= length * 0.9999) onView(null);
    else onView({ from: momentOf(scale, begin), to: momentOf(scale, begin + span) });
  };
  const zoom = (factor: number, at = (low + high) / 2) =>
    look(at - (at - low) * factor, at - (at - low) * factor + (high - low) * factor);
  const pan = (share: number) => look(low + share * (high - low), high + share * (high - low));
  const go = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setCurrent(next);
    const element = scroller.current;
    if (element === null) return;
    element.focus({ preventScroll: true });
    const top = next * ROW;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW > element.scrollTop + height - HEAD) element.scrollTop = top + ROW - height + HEAD;
  };
  const open = (index: number) => {
    const row = rows[index];
    if (row === undefined) return;
    if (row.kind === "group") onToggle(row.task);
    else onSelect(row.run);
  };
  useKeys("Timeline", [
    { keys: "j", says: "next line", run: () => go(current + 1) },
    { keys: "k", says: "line before", run: () => go(current < 0 ? 0 : current - 1) },
    { keys: "enter", says: "select the task run, or open a mapped one", run: () => open(current) },
    { keys: "+", says: "nearer", run: () => zoom(0.6) },
    { keys: "-", says: "farther", run: () => zoom(1 / 0.6) },
    { keys: "0", says: "the whole run", run: () => onView(null) },
    { keys: "arrowleft", says: "earlier", run: () => pan(-0.2) },
    { keys: "arrowright", says: "later", run: () => pan(0.2) },
  ]);

  const drawing = useRef(() => {});
  drawing.current = () => {
    const element = canvas.current;
    if (element === null || width === 0) return;
    const context = prepared(element, width, height);
    if (context === null) return;
    const ink = inkOf(element);
    const top = scroller.current?.scrollTop ?? 0;
    const ticks = drawAxis(context, ink);
    const first = Math.floor(top / ROW);
    const last = Math.min(rows.length - 1, Math.ceil((top + height - HEAD) / ROW));
    context.save();
    context.beginPath();
    context.rect(0, HEAD, width, height - HEAD);
    context.clip();
    context.strokeStyle = ink.line;
    for (const x of ticks) line(context, x, HEAD, x, height);
    for (let index = first; index <= last; index += 1) {
      const row = rows[index];
      if (row !== undefined) drawRow(context, ink, row, index, HEAD + index * ROW - top);
    }
    context.restore();
    if (asOf !== null || data.isOpen) {
      const x = xOf(asOf ?? now);
      context.strokeStyle = ink.accent;
      context.setLineDash(asOf === null ? [2, 3] : []);
      if (x >= LABEL && x <= width) line(context, x, AXIS, x, height);
      context.setLineDash([]);
    }
  };

  function drawAxis(context: CanvasRenderingContext2D, ink: Ink): number[] {
    const places: number[] = [];
    context.font = `11px ${ink.face}`;
    context.textBaseline = "middle";
    const { moments, step } = ticksOf(scale, low, high, Math.max(2, room / 110));
    let free = LABEL - 1;
    for (const tick of moments) {
      const x = Math.round(xOf(tick)) + 0.5;
      places.push(x);
      const said = tickSaid(tick, step);
      const half = context.measureText(said).width / 2;
      context.strokeStyle = ink.line;
      line(context, x, AXIS - 4, x, HEAD);
      if (x - half > free && x + half < width) {
        context.fillStyle = ink.faint;
        context.fillText(said, x - half, AXIS / 2);
        free = x + half + 10;
      }
    }
    for (const idle of scale.idle) {
      const from = xOf(idle.from);
      const to = xOf(idle.to);
      if (to < LABEL || from > width) continue;
      context.fillStyle = ink.sunk;
      context.fillRect(Math.max(LABEL, from), AXIS, Math.min(width, to) - Math.max(LABEL, from), height - AXIS);
      const middle = (from + to) / 2;
      context.strokeStyle = ink.strong;
      context.beginPath();
      for (let y = AXIS; y < height; y += 6) context.lineTo(middle + (((y - AXIS) / 6) % 2 === 0 ? -1.5 : 1.5), y);
      context.stroke();
    }
    // The states of the flow run, in words where there is room.
    label(context, ink, "Flow run", AXIS, FLOW);
    for (const { state, begin, end } of data.flowStates) {
      const from = Math.max(LABEL, xOf(begin));
      const to = Math.min(width, Math.max(xOf(Math.min(end, now)), xOf(begin) + (end === begin ? 0 : 2)));
      if (to < LABEL || from > width) continue;
      if (end === begin) {
        if (xOf(begin) >= LABEL) drawState(context, state, Math.min(width - 12, from - 1), AXIS + 2, 12);
        continue;
      }
      context.fillStyle = colourOf(state);
      context.globalAlpha = 0.45;
      context.fillRect(from, AXIS + 3, to - from, FLOW - 6);
      context.globalAlpha = 1;
      context.fillStyle = ink.ink;
      if (to - from > 60) context.fillText(clipped(context, state, to - from - 8), from + 4, AXIS + FLOW / 2 + 0.5);
    }
    label(context, ink, `Log lines (${data.logs.length.toLocaleString("en")})`, AXIS + FLOW, LOGS);
    const bins = Math.floor(room / BIN);
    const heights = [0, 1, 2].map(() => new Float32Array(bins));
    let most = 1;
    for (let index = 0; index < data.logs.length; index += 1) {
      const bin = Math.floor(((placeOf(scale, data.logs[index] as number) - low) / (high - low)) * bins);
      if (bin < 0 || bin >= bins) continue;
      const counts = heights[data.severity[index] as number] as Float32Array;
      counts[bin] = (counts[bin] as number) + 1;
    }
    for (let bin = 0; bin < bins; bin += 1)
      most = Math.max(
        most,
        heights.reduce((sum, at) => sum + (at[bin] ?? 0), 0),
      );
    const colours = [ink.faint, ink.warn, ink.danger];
    for (let bin = 0; bin < bins; bin += 1) {
      let bottom = AXIS + FLOW + LOGS;
      for (const severity of [2, 1, 0]) {
        const count = (heights[severity] as Float32Array)[bin] as number;
        if (count === 0) continue;
        const tall = Math.max(2, (count / most) * (LOGS - 4));
        context.fillStyle = colours[severity] as string;
        context.fillRect(LABEL + bin * BIN, bottom - tall, BIN - 0.5, tall);
        bottom -= tall;
      }
    }
    context.strokeStyle = ink.strong;
    line(context, 0, HEAD - 0.5, width, HEAD - 0.5);
    return places;
  }

  function label(context: CanvasRenderingContext2D, ink: Ink, said: string, y: number, tall: number): void {
    context.font = `11px ${ink.face}`;
    context.fillStyle = ink.soft;
    context.fillText(said, 6, y + tall / 2);
  }

  function drawRow(context: CanvasRenderingContext2D, ink: Ink, row: Row, index: number, y: number): void {
    const isSelected = row.run >= 0 && data.ids[row.run] === selected;
    const isCritical =
      critical.has(row.run) || (row.kind === "group" && row.members.some((member) => critical.has(member)));
    if (isSelected || index === current) {
      context.fillStyle = isSelected ? ink.wash : ink.hover;
      context.fillRect(0, y, width, ROW);
    }
    if (index === current) {
      context.fillStyle = ink.accent;
      context.fillRect(0, y, 2, ROW);
    }
    context.strokeStyle = ink.line;
    line(context, 0, y + ROW - 0.5, width, y + ROW - 0.5);
    context.font = `${isCritical ? "600 " : ""}12px ${ink.face}`;
    context.textBaseline = "middle";
    const indent = row.kind === "child" ? 34 : 18;
    if (row.kind === "group") {
      context.fillStyle = ink.soft;
      context.beginPath();
      if (isOpened(row.task)) {
        context.moveTo(5, y + 9);
        context.lineTo(13, y + 9);
        context.lineTo(9, y + 14);
      } else {
        context.moveTo(7, y + 7);
        context.lineTo(12, y + 11);
        context.lineTo(7, y + 15);
      }
      context.fill();
    } else drawState(context, STATE_NAMES[data.state[row.run] as number] ?? null, indent - 14, y + 5.5, 11);
    const count = row.kind === "group" ? `×${row.members.length.toLocaleString("en")}` : "";
    const taken = count === "" ? 0 : context.measureText(count).width + 6;
    context.fillStyle = ink.ink;
    const name = clipped(context, nameOf(row.task, row.kind === "group" ? -1 : row.run), LABEL - indent - 12 - taken);
    context.fillText(name, indent + 2, y + ROW / 2 + 0.5);
    if (count !== "") {
      context.fillStyle = ink.faint;
      context.fillText(count, indent + 6 + context.measureText(name).width, y + ROW / 2 + 0.5);
    }
    context.save();
    context.beginPath();
    context.rect(LABEL, y, width - LABEL, ROW);
    context.clip();
    if (row.kind === "group") drawGroup(context, row, y);
    else drawStretches(context, ink, row.run, y);
    if (isCritical) {
      const members = row.kind === "group" ? row.members.filter((member) => critical.has(member)) : [row.run];
      context.fillStyle = ink.accent;
      for (const member of members) {
        const from = xOf(data.started[member] as number);
        const to = xOf(Number.isNaN(data.ended[member] as number) ? now : (data.ended[member] as number));
        context.fillRect(from, y + ROW - 4, Math.max(2, to - from), 2);
      }
    }
    context.restore();
  }

  function drawGroup(context: CanvasRenderingContext2D, row: Row, y: number): void {
    const bins = Math.floor(room / BIN);
    const found = histogramOf(data, row.members, bins, now, (moment) => (placeOf(scale, moment) - low) / (high - low));
    const states = [...found.counts].toSorted(([one], [other]) => failedFirst(one) - failedFirst(other));
    for (let bin = 0; bin < bins; bin += 1) {
      let bottom = y + ROW - 4;
      for (const [state, counts] of states) {
        const here = counts[bin] as number;
        if (here === 0) continue;
        const tall = Math.max(2, (here / found.most) * (ROW - 8));
        context.fillStyle = colourOf(STATE_NAMES[state]);
        context.fillRect(LABEL + bin * BIN, bottom - tall, BIN, tall);
        bottom -= tall;
      }
    }
  }

  function drawStretches(context: CanvasRenderingContext2D, ink: Ink, run: number, y: number): void {
    const middle = y + ROW / 2 + 0.5;
    const last = (data.first[run + 1] as number) - 1;
    let attempt = 0;
    for (let at = data.first[run] as number; at <= last; at += 1) {
      const kind = data.kind[at] as number;
      if (kind === RUNNING) attempt += 1;
      const from = xOf(data.begin[at] as number);
      const to = xOf(Math.min(data.end[at] as number, now));
      if (to < LABEL - 2 || from > width) continue;
      if (kind === RUNNING) {
        const isGoingOn = data.end[at] === Number.POSITIVE_INFINITY;
        const state = STATE_NAMES[data.became[at] as number] ?? null;
        const wide = Math.max(2, to - from);
        context.fillStyle = colourOf(state);
        context.fillRect(from, y + 5, wide, ROW - 10);
        if (wide > 4) {
          context.strokeStyle = ink.ink;
          context.globalAlpha = 0.35;
          context.strokeRect(from + 0.5, y + 5.5, wide - 1, ROW - 11);
          context.globalAlpha = 1;
        }
        if (isOneOf(state, "FAILED")) drawState(context, state, from + wide + 2, y + 5.5, 11);
        if ((data.attempts[run] as number) > 1 && wide > 9) {
          context.font = `10px ${ink.face}`;
          context.fillStyle = ink.paper;
          context.fillRect(from + 2, y + 6.5, context.measureText(String(attempt)).width + 4, ROW - 13);
          context.fillStyle = ink.ink;
          context.fillText(String(attempt), from + 4, middle);
        }
        if (isGoingOn) {
          context.fillStyle = ink.paper;
          for (let x = to - 3; x > from && x > to - 14; x -= 4) context.fillRect(x, y + 5, 1.5, ROW - 10);
        }
      } else if (kind === WAITING) {
        context.strokeStyle = ink.strong;
        context.lineWidth = 1;
        line(context, from, middle, to, middle);
      } else if (kind === QUEUED) {
        context.strokeStyle = ink.faint;
        context.lineWidth = 4;
        context.setLineDash([1, 3]);
        line(context, from, middle, to, middle);
      } else if (kind === RETRYING) {
        context.strokeStyle = colourOf("Retrying");
        context.lineWidth = 2;
        context.setLineDash([5, 3]);
        line(context, from, middle, to, middle);
      } else if (kind === MAPPED) {
        context.strokeStyle = colourOf("Mapped");
        context.lineWidth = 1;
        line(context, from, middle - 1.5, to, middle - 1.5);
        line(context, from, middle + 1.5, to, middle + 1.5);
      } else if (kind === ENDED && at === last && Number.isNaN(data.started[run])) {
        drawState(context, STATE_NAMES[data.during[at] as number] ?? null, from - 1, y + 5.5, 11);
      }
      context.lineWidth = 1;
      context.setLineDash([]);
    }
  }

  useEffect(() => {
    const frame = requestAnimationFrame(() => drawing.current());
    return () => cancelAnimationFrame(frame);
  });

  const everyone = useMemo(() => Int32Array.from(data.ids, (_, run) => run), [data]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours change with the theme
  useEffect(() => {
    const element = overview.current;
    if (element === null || width === 0) return;
    const context = prepared(element, width, OVERVIEW);
    if (context === null) return;
    const ink = inkOf(element);
    const bins = Math.floor(room / 2);
    const found = histogramOf(data, everyone, bins, now, (moment) => placeOf(scale, moment) / length);
    const states = [...found.counts].toSorted(([one], [other]) => failedFirst(one) - failedFirst(other));
    for (let bin = 0; bin < bins; bin += 1) {
      let bottom = OVERVIEW - 2;
      for (const [state, counts] of states) {
        const here = counts[bin] as number;
        if (here === 0) continue;
        const tall = Math.max(1.5, (here / found.most) * (OVERVIEW - 8));
        context.fillStyle = colourOf(STATE_NAMES[state]);
        context.fillRect(LABEL + bin * 2, bottom - tall, 2, tall);
        bottom -= tall;
      }
    }
    context.font = `11px ${ink.face}`;
    context.textBaseline = "middle";
    context.fillStyle = ink.soft;
    context.fillText("Whole run: drag to zoom", 6, OVERVIEW / 2);
    const [begin, end] =
      brush === null ? [low / length, high / length] : [brush.from, brush.to].toSorted((one, other) => one - other);
    if (view !== null || brush !== null) {
      const from = LABEL + (begin ?? 0) * room;
      const to = LABEL + (end ?? 1) * room;
      context.fillStyle = ink.accent;
      context.globalAlpha = 0.14;
      context.fillRect(from, 0, Math.max(2, to - from), OVERVIEW);
      context.globalAlpha = 1;
      context.strokeStyle = ink.accent;
      context.strokeRect(from + 0.5, 0.5, Math.max(2, to - from) - 1, OVERVIEW - 1);
    }
    context.strokeStyle = ink.line;
    line(context, LABEL, OVERVIEW - 0.5, width, OVERVIEW - 0.5);
  }, [data, everyone, scale, now, width, low, high, view, brush, room, length, scheme]);

  // The browser scrolls the page by the wheel unless it is told at once that it must not.
  const wheel = useRef((_: WheelEvent) => {});
  wheel.current = (event) => {
    const box = scroller.current?.getBoundingClientRect();
    if (box === undefined) return;
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey || event.metaKey || event.altKey) {
      event.preventDefault();
      const share = Math.max(0, Math.min(1, (event.clientX - box.left - LABEL) / room));
      zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 150), low + share * (high - low));
    } else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      event.preventDefault();
      pan(sideways / room);
    }
  };
  useEffect(() => {
    const element = scroller.current;
    const listen = (event: WheelEvent) => wheel.current(event);
    element?.addEventListener("wheel", listen, { passive: false });
    return () => element?.removeEventListener("wheel", listen);
  }, []);

  const drag = useRef<{ readonly x: number; readonly low: number; readonly high: number; moved: boolean } | null>(null);
  const pointedAt = (event: ReactPointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const index = y < HEAD ? -1 : Math.floor((y - HEAD + (scroller.current?.scrollTop ?? 0)) / ROW);
    return { x, y, index };
  };
  const said = (index: number, x: number) => {
    const row = rows[index];
    if (row === undefined) return "";
    if (row.kind === "group") return groupSaid(data, row, nameOf(row.task, -1));
    const at = x > LABEL ? momentOf(scale, low + ((x - LABEL) / room) * (high - low)) : null;
    return runSaid(data, row.run, nameOf(row.task, row.run), now, at);
  };

  return (
    <div className="timeline">
      <canvas
        ref={overview}
        className="timeline-overview"
        style={{ width: "100%", height: OVERVIEW }}
        aria-hidden="true"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const share = shareOf(event, room);
          setBrush({ from: share, to: share });
        }}
        onPointerMove={(event) => {
          if (brush !== null) setBrush({ from: brush.from, to: shareOf(event, room) });
        }}
        onPointerUp={() => {
          if (brush === null) return;
          const [from, to] = [brush.from, brush.to].toSorted((one, other) => one - other) as [number, number];
          setBrush(null);
          if ((to - from) * room < 4) {
            const half = (high - low) / 2;
            look(from * length - half, from * length + half);
          } else look(from * length, to * length);
        }}
        onDoubleClick={() => onView(null)}
      />
      <div
        ref={scroller}
        className="timeline-scroller"
        role="application"
        aria-label={`Timeline of ${rows.length.toLocaleString("en")} lines; arrows move in time, j and k in the lines`}
        tabIndex={0}
        onScroll={() => drawing.current()}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            go(current + (event.key === "ArrowDown" ? 1 : -1));
          }
        }}
        onPointerDown={(event) => {
          drag.current = { x: event.clientX, low, high, moved: false };
        }}
        onPointerMove={(event) => {
          const { x, y, index } = pointedAt(event);
          const held = drag.current;
          if (held !== null && event.buttons === 1 && (held.moved || Math.abs(event.clientX - held.x) > 4)) {
            if (!held.moved) event.currentTarget.setPointerCapture(event.pointerId);
            held.moved = true;
            const by = ((held.x - event.clientX) / room) * (held.high - held.low);
            look(held.low + by, held.high + by);
            setHovered(null);
            return;
          }
          const words = said(index, x);
          setHovered(words === "" ? null : { x, y, said: words });
        }}
        onPointerLeave={() => setHovered(null)}
        onPointerUp={(event) => {
          const held = drag.current;
          drag.current = null;
          if (held === null || held.moved) return;
          const { index } = pointedAt(event);
          if (index < 0 || index >= rows.length) return;
          setCurrent(index);
          open(index);
        }}
      >
        <div style={{ height: HEAD + rows.length * ROW }}>
          <canvas ref={canvas} className="timeline-canvas" style={{ width, height }} aria-hidden="true" />
        </div>
        {hovered !== null && (
          <div
            className="timeline-tip"
            style={{
              left: Math.min(hovered.x + 14, Math.max(0, width - 340)),
              top: (scroller.current?.scrollTop ?? 0) + Math.min(hovered.y + 14, height - 80),
            }}
          >
            {hovered.said}
          </div>
        )}
      </div>
      <p className="visually-hidden" role="status">
        {current >= 0 && said(current, 0)}
      </p>
    </div>
  );
}

function shareOf(event: ReactPointerEvent, room: number): number {
  const box = event.currentTarget.getBoundingClientRect();
  return Math.max(0, Math.min(1, (event.clientX - box.left - LABEL) / room));
}

function line(context: CanvasRenderingContext2D, x: number, y: number, toX: number, toY: number): void {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(toX, toY);
  context.stroke();
}

/** Failures stand at the bottom of a histogram, where even one can be seen. */
function failedFirst(state: number): number {
  return isOneOf(STATE_NAMES[state], "FAILED") ? 0 : 1 + state;
}

function tickSaid(moment: number, step: number): string {
  if (step < 1000) return clock(moment);
  if (step < 60_000) return clock(moment).slice(0, 8);
  if (step < 86_400_000) return clock(moment).slice(0, 5);
  return new Date(moment).toLocaleDateString("en", { month: "short", day: "numeric" });
}

/** In words: a run, and what it did at a moment. */
export function runSaid(data: TimelineData, run: number, name: string, now: number, at: number | null): string {
  const state = STATE_NAMES[data.state[run] as number];
  const started = data.started[run] as number;
  const ended = Number.isNaN(data.ended[run] as number) ? now : (data.ended[run] as number);
  const ran = Number.isNaN(started)
    ? "did not run"
    : `ran from ${clock(started)} for ${duration(Math.max(0, ended - started))}`;
  const attempts = data.attempts[run] as number;
  const parts = [`${name}: ${state}, ${ran}`];
  if (attempts > 1) parts.push(`${attempts} attempts`);
  if (at !== null) {
    for (let index = data.first[run] as number; index < (data.first[run + 1] as number); index += 1) {
      const begin = data.begin[index] as number;
      const end = Math.min(data.end[index] as number, now);
      if (at < begin || at > end) continue;
      parts.push(`here ${KINDS[data.kind[index] as number]} for ${duration(end - begin)}`);
    }
  }
  return parts.join("; ");
}

export function groupSaid(data: TimelineData, row: Row, name: string): string {
  const counts = new Map<string, number>();
  for (const member of row.members) {
    const state = STATE_NAMES[data.state[member] as number] as string;
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const said = [...counts].map(([state, count]) => `${count.toLocaleString("en")} ${state}`).join(", ");
  return `${name}, mapped: ${said}. Enter opens it.`;
}
