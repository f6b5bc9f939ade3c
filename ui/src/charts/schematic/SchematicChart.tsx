import { useComputedColorScheme } from "@mantine/core";
import { type JSX, useEffect, useRef, useState } from "react";
import { useKeys } from "../../lib/keys";
import { drawState } from "../../lib/shapes";
import { colourOf, compareStates } from "../../lib/states";
import { clipped, type Ink, inkOf, prepared } from "../canvas";
import { useSize } from "../useSize";
import { type Graph, type Layout, NODE_HEIGHT, NODE_WIDTH } from "./layout";
import "./schematic.css";

export interface SchematicNode {
  readonly id: string;
  readonly name: string;
  /** Null where it has not begun. */
  readonly state: string | null;
  readonly isMapped: boolean;
  /** Children by state, of a mapped task. */
  readonly children: readonly { readonly state: string; readonly count: number }[];
  /** Not of the states that are asked for. */
  readonly isFaint: boolean;
}

interface SchematicChartProps {
  readonly nodes: readonly SchematicNode[];
  readonly graph: Graph;
  /** The place of the node that is selected, -1 for none. */
  readonly selected: number;
  /** The places of the nodes that are searched for; null where nothing is. */
  readonly found: ReadonlySet<number> | null;
  /** The id of the node to be brought into view, and a count that grows each time it is to. */
  readonly goTo: { readonly node: string; readonly times: number };
  readonly onSelect: (node: number) => void;
}

interface Look {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

const NEAREST = 2;
const FARTHEST = 0.02;
// Smaller than this, words are not read.
const WORDS_ZOOM = 0.45;
const FIRST_ZOOM = 0.75;
const MARGIN = 24;

/** The graph laid out beside the page; what was there stays until the next is ready. */
function useLayout(graph: Graph): { layout: Layout; of: Graph } | null {
  const worker = useRef<Worker | null>(null);
  const [made, setMade] = useState<{ layout: Layout; of: Graph } | null>(null);
  const asked = useRef<{ number: number; graph: Graph }>({ number: 0, graph });
  useEffect(() => {
    const started = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
    started.onmessage = ({ data }: MessageEvent<{ asked: number; layout: Layout; milliseconds: number }>) => {
      if (data.asked !== asked.current.number) return;
      performance.measure("layout of the schematic", { start: performance.now(), duration: data.milliseconds });
      setMade({ layout: data.layout, of: asked.current.graph });
    };
    worker.current = started;
    return () => started.terminate();
  }, []);
  useEffect(() => {
    asked.current = { number: asked.current.number + 1, graph };
    worker.current?.postMessage({ asked: asked.current.number, graph });
  }, [graph]);
  return made;
}

/** Tasks and what they wait for, from left to right, with what became of them. */
export function SchematicChart(props: SchematicChartProps): JSX.Element {
  const { nodes, graph, selected, found, goTo, onSelect } = props;
  const made = useLayout(graph);
  const layout = made !== null && made.of === graph ? made.layout : null;
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = useSize(place);
  useComputedColorScheme();
  const [look, setLook] = useState<Look | null>(null);
  const [current, setCurrent] = useState(-1);
  const [hovered, setHovered] = useState(-1);

  const whole = (of: Layout): Look => {
    const zoom = Math.max(
      FARTHEST,
      Math.min(1, (width - 2 * MARGIN) / Math.max(1, of.width), (height - 2 * MARGIN) / Math.max(1, of.height)),
    );
    return { zoom, x: (width - of.width * zoom) / 2, y: (height - of.height * zoom) / 2 };
  };
  // To begin with, all of it where words can be read, else its beginning.
  const first = (of: Layout): Look => {
    const fitting = whole(of);
    if (fitting.zoom >= FIRST_ZOOM) return fitting;
    const zoom = Math.max(FIRST_ZOOM, Math.min(1, (height - 2 * MARGIN) / Math.max(1, of.height)));
    const tall = of.height * zoom;
    let top = Number.POSITIVE_INFINITY;
    for (let node = 0; node < of.y.length; node += 1)
      if (of.layer[node] === 0) top = Math.min(top, of.y[node] as number);
    return {
      zoom,
      x: MARGIN,
      y: tall + 2 * MARGIN < height ? (height - tall) / 2 : MARGIN - (top - NODE_HEIGHT) * zoom,
    };
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new layout is looked at anew, a new size is not
  useEffect(() => {
    if (layout === null || width === 0) return;
    setLook(first(layout));
    setCurrent(-1);
  }, [layout, width === 0]);

  const centre = (node: number, zoom = Math.max(look?.zoom ?? 1, 0.8)) => {
    if (layout === null || node < 0) return;
    setLook({
      zoom,
      x: width / 2 - ((layout.x[node] as number) + NODE_WIDTH / 2) * zoom,
      y: height / 2 - (layout.y[node] as number) * zoom,
    });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time it is asked for
  useEffect(() => {
    const node = nodes.findIndex(({ id }) => id === goTo.node);
    if (node < 0) return;
    setCurrent(node);
    centre(node);
  }, [goTo.times]);
  const zoomBy = (factor: number, x = width / 2, y = height / 2) => {
    if (look === null) return;
    const zoom = Math.max(FARTHEST, Math.min(NEAREST, look.zoom * factor));
    setLook({ zoom, x: x - ((x - look.x) * zoom) / look.zoom, y: y - ((y - look.y) * zoom) / look.zoom });
  };
  const move = (node: number) => {
    if (node < 0 || layout === null || look === null) return;
    setCurrent(node);
    place.current?.focus({ preventScroll: true });
    const x = look.x + ((layout.x[node] as number) + NODE_WIDTH / 2) * look.zoom;
    const y = look.y + (layout.y[node] as number) * look.zoom;
    if (x < 100 || y < 40 || x > width - 100 || y > height - 40) centre(node, look.zoom);
  };
  /** The neighbour on one side that is nearest in height; the nearest of the layer for up and down. */
  const step = (side: "left" | "right" | "up" | "down") => {
    if (layout === null) return;
    if (current < 0) {
      move(Math.max(0, selected));
      return;
    }
    const candidates: number[] = [];
    if (side === "left" || side === "right") {
      for (let edge = 0; edge < graph.from.length; edge += 1) {
        if (side === "right" && graph.from[edge] === current) candidates.push(graph.to[edge] as number);
        if (side === "left" && graph.to[edge] === current) candidates.push(graph.from[edge] as number);
      }
    } else {
      for (let node = 0; node < graph.count; node += 1) {
        const below = (layout.y[node] as number) - (layout.y[current] as number);
        if (layout.layer[node] === layout.layer[current] && (side === "down" ? below > 0 : below < 0))
          candidates.push(node);
      }
    }
    const distance = (node: number) => Math.abs((layout.y[node] as number) - (layout.y[current] as number));
    move(candidates.toSorted((one, other) => distance(one) - distance(other))[0] ?? -1);
  };
  useKeys("Schematic", [
    { keys: "arrowright", says: "a task that waits for this one", run: () => step("right") },
    { keys: "arrowleft", says: "a task that this one waits for", run: () => step("left") },
    { keys: "arrowdown", says: "the task below", run: () => step("down") },
    { keys: "arrowup", says: "the task above", run: () => step("up") },
    { keys: "enter", says: "select the task run", run: () => current >= 0 && onSelect(current) },
    { keys: "+", says: "nearer", run: () => zoomBy(1.4) },
    { keys: "-", says: "farther", run: () => zoomBy(1 / 1.4) },
    { keys: "0", says: "the whole flow", run: () => layout !== null && setLook(whole(layout)) },
  ]);

  const drawing = useRef(() => {});
  drawing.current = () => {
    const element = canvas.current;
    if (element === null || width === 0) return;
    const context = prepared(element, width, height);
    if (context === null || layout === null || look === null) return;
    const ink = inkOf(element);
    context.translate(look.x, look.y);
    context.scale(look.zoom, look.zoom);
    const left = -look.x / look.zoom;
    const top = -look.y / look.zoom;
    const right = left + width / look.zoom;
    const bottom = top + height / look.zoom;
    const marked = current >= 0 ? current : selected;
    drawEdges(context, ink, layout, marked, { left, top, right, bottom });
    const hasWords = look.zoom >= WORDS_ZOOM;
    for (let node = 0; node < graph.count; node += 1) {
      const x = layout.x[node] as number;
      const y = layout.y[node] as number;
      if (x > right || x + NODE_WIDTH < left || y - NODE_HEIGHT > bottom || y + NODE_HEIGHT < top) continue;
      drawNode(context, ink, node, x, y, hasWords);
    }
  };

  function drawEdges(
    context: CanvasRenderingContext2D,
    ink: Ink,
    { points, ends }: Layout,
    marked: number,
    seen: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number },
  ): void {
    const plain = new Path2D();
    const strong = new Path2D();
    for (let edge = 0; edge < graph.from.length; edge += 1) {
      const begin = edge === 0 ? 0 : (ends[edge - 1] as number);
      const end = ends[edge] as number;
      if ((points[end - 2] as number) < seen.left || (points[begin] as number) > seen.right) continue;
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let at = begin + 1; at < end; at += 2) {
        low = Math.min(low, points[at] as number);
        high = Math.max(high, points[at] as number);
      }
      if (high < seen.top || low > seen.bottom) continue;
      const isMarked = graph.from[edge] === marked || graph.to[edge] === marked;
      const path = isMarked ? strong : plain;
      path.moveTo(points[begin] as number, points[begin + 1] as number);
      for (let at = begin + 2; at < end; at += 2) {
        const [fromX, fromY] = [points[at - 2] as number, points[at - 1] as number];
        const [toX, toY] = [points[at] as number, points[at + 1] as number];
        // Between layers it bends; past a layer it goes straight on.
        if (fromY === toY) path.lineTo(toX, toY);
        else {
          const bend = (toX - fromX) / 2;
          path.bezierCurveTo(fromX + bend, fromY, toX - bend, toY, toX, toY);
        }
      }
    }
    const zoom = look?.zoom ?? 1;
    context.lineWidth = Math.max(1, 0.6 / zoom);
    context.strokeStyle = ink.faint;
    context.globalAlpha = marked >= 0 || zoom < 0.25 ? 0.35 : 0.7;
    context.stroke(plain);
    context.globalAlpha = 1;
    context.lineWidth = Math.max(1.75, 1.2 / zoom);
    context.strokeStyle = ink.accent;
    context.stroke(strong);
  }

  function drawNode(
    context: CanvasRenderingContext2D,
    ink: Ink,
    at: number,
    x: number,
    y: number,
    hasWords: boolean,
  ): void {
    const node = nodes[at];
    if (node === undefined) return;
    const top = y - NODE_HEIGHT / 2;
    const isFaint = node.isFaint || (found !== null && !found.has(at));
    context.globalAlpha = isFaint && at !== selected && at !== current ? 0.35 : 1;
    context.lineWidth = 1;
    const colour = colourOf(node.state);
    if (!hasWords) {
      context.fillStyle = node.state === null ? ink.line : colour;
      context.fillRect(x, top, NODE_WIDTH, NODE_HEIGHT);
    } else {
      if (node.isMapped) {
        context.strokeStyle = ink.strong;
        context.strokeRect(x + 3.5, top - 2.5, NODE_WIDTH - 1, NODE_HEIGHT - 1);
      }
      context.fillStyle = at === hovered ? ink.hover : ink.raised;
      context.fillRect(x, top, NODE_WIDTH, NODE_HEIGHT);
      context.strokeStyle = ink.strong;
      context.setLineDash(node.state === null ? [3, 3] : []);
      context.strokeRect(x + 0.5, top + 0.5, NODE_WIDTH - 1, NODE_HEIGHT - 1);
      context.setLineDash([]);
      const total = node.children.reduce((sum, { count }) => sum + count, 0);
      context.font = `12px ${ink.face}`;
      context.textBaseline = "middle";
      const said = total > 0 ? `×${total.toLocaleString("en")}` : "";
      const taken = said === "" ? 0 : context.measureText(said).width + 8;
      const middle = total > 0 ? y - 2 : y + 0.5;
      if (node.state !== null) drawState(context, node.state, x + 8, middle - 7, 13);
      else {
        context.strokeStyle = ink.faint;
        context.beginPath();
        context.arc(x + 14.5, middle, 5, 0, 2 * Math.PI);
        context.stroke();
      }
      context.fillStyle = node.state === null ? ink.soft : ink.ink;
      context.fillText(clipped(context, node.name, NODE_WIDTH - 36 - taken), x + 28, middle);
      if (said !== "") {
        context.fillStyle = ink.soft;
        context.fillText(said, x + NODE_WIDTH - taken, middle);
      }
      // The share of each state among the children.
      let from = x + 1;
      const states = node.children.toSorted((one, other) => compareStates(one.state, other.state));
      for (const { state, count } of states) {
        const wide = Math.max(2, (count / total) * (NODE_WIDTH - 2));
        context.fillStyle = colourOf(state);
        context.fillRect(from, top + NODE_HEIGHT - 5, Math.min(wide, x + NODE_WIDTH - 1 - from), 4);
        from += wide;
      }
    }
    context.globalAlpha = 1;
    const isFound = found?.has(at) === true;
    if (at === selected || at === current || isFound) {
      const zoom = look?.zoom ?? 1;
      context.strokeStyle = isFound && at !== selected && at !== current ? ink.warn : ink.accent;
      context.lineWidth = Math.max(2, 2 / zoom);
      context.setLineDash(at === current && at !== selected ? [5, 3] : []);
      context.strokeRect(x - 2, top - 2, NODE_WIDTH + 4, NODE_HEIGHT + 4);
      context.setLineDash([]);
    }
  }

  useEffect(() => {
    const frame = requestAnimationFrame(() => drawing.current());
    return () => cancelAnimationFrame(frame);
  });

  const wheel = useRef((_: WheelEvent) => {});
  wheel.current = (event) => {
    const box = place.current?.getBoundingClientRect();
    if (box === undefined || look === null) return;
    event.preventDefault();
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      setLook({ ...look, x: look.x - (event.deltaX || event.deltaY) });
      return;
    }
    const by = Math.max(-60, Math.min(60, event.deltaY));
    zoomBy(Math.exp(-by / 160), event.clientX - box.left, event.clientY - box.top);
  };
  useEffect(() => {
    const element = place.current;
    const listen = (event: WheelEvent) => wheel.current(event);
    element?.addEventListener("wheel", listen, { passive: false });
    return () => element?.removeEventListener("wheel", listen);
  }, []);

  const nodeAt = (clientX: number, clientY: number) => {
    const box = place.current?.getBoundingClientRect();
    if (box === undefined || layout === null || look === null) return -1;
    const x = (clientX - box.left - look.x) / look.zoom;
    const y = (clientY - box.top - look.y) / look.zoom;
    for (let node = 0; node < graph.count; node += 1) {
      const left = layout.x[node] as number;
      if (x >= left && x <= left + NODE_WIDTH && Math.abs(y - (layout.y[node] as number)) <= NODE_HEIGHT / 2)
        return node;
    }
    return -1;
  };
  const drag = useRef<{ readonly x: number; readonly y: number; readonly look: Look; moved: boolean } | null>(null);
  const spoken = nodes[current >= 0 ? current : selected];
  const pointed = nodes[hovered];
  return (
    <div
      ref={place}
      className="schematic"
      role="application"
      aria-label={`Schematic of ${nodes.length.toLocaleString("en")} tasks; arrows go from task to task`}
      aria-busy={layout === null}
      tabIndex={0}
      title={pointed === undefined ? undefined : nodeSaid(pointed)}
      onPointerDown={(event) => {
        if (look !== null) drag.current = { x: event.clientX, y: event.clientY, look, moved: false };
      }}
      onPointerMove={(event) => {
        const held = drag.current;
        if (held !== null && event.buttons === 1) {
          const [x, y] = [event.clientX - held.x, event.clientY - held.y];
          if (!held.moved && Math.hypot(x, y) < 4) return;
          if (!held.moved) event.currentTarget.setPointerCapture(event.pointerId);
          held.moved = true;
          setLook({ ...held.look, x: held.look.x + x, y: held.look.y + y });
        } else setHovered(nodeAt(event.clientX, event.clientY));
      }}
      onPointerLeave={() => setHovered(-1)}
      onPointerUp={(event) => {
        const held = drag.current;
        drag.current = null;
        if (held === null || held.moved) return;
        const node = nodeAt(event.clientX, event.clientY);
        if (node < 0) return;
        setCurrent(node);
        onSelect(node);
      }}
    >
      <canvas ref={canvas} style={{ width, height }} aria-hidden="true" />
      <p className="visually-hidden" role="status">
        {spoken !== undefined && nodeSaid(spoken)}
      </p>
    </div>
  );
}

export function nodeSaid(node: SchematicNode): string {
  const children = node.children.map(({ state, count }) => `${count.toLocaleString("en")} ${state}`).join(", ");
  return `${node.name}: ${node.state ?? "not begun"}${children === "" ? "" : `; children: ${children}`}`;
}
