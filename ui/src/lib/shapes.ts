/** How the sign of a state is drawn, in a square of 16: its outline and the mark inside. */

import { colourOf, type Shape, shapeOf } from "./states";

export interface Mark {
  readonly path: string;
  /** How thick its line is; none where it is filled. */
  readonly line?: number;
}

const CLOCK: Mark = { path: "M8 4.2V8l2.6 1.8", line: 1.6 };

export const MARKS: Record<Shape, Mark> = {
  check: { path: "M4 8.4 6.8 11 12 5.4", line: 2 },
  cross: { path: "m5 5 6 6m0-6-6 6", line: 2 },
  blocked: { path: "M4.6 5.8h6.8M4.6 10.2h6.8", line: 2 },
  late: CLOCK,
  bar: { path: "M4.2 8h7.6", line: 2 },
  clock: CLOCK,
  pause: { path: "M6.2 5v6m3.6-6v6", line: 1.8 },
  arrow: { path: "M11 6.2A3.6 3.6 0 1 0 11.4 9M11.4 4v2.6H8.8", line: 1.6 },
  stack: { path: "M5 6h6M5 8.2h6M5 10.4h6", line: 1.4 },
  bolt: { path: "M8.8 3.8 5.4 8.6h2.4l-.6 3.6 3.4-4.8H8.2z" },
  skip: { path: "M4.8 5.2 8 8l-3.2 2.8m3.6-5.6L11.6 8l-3.2 2.8", line: 1.5 },
  half: { path: "M8 3.2a4.8 4.8 0 0 1 0 9.6z" },
  ring: { path: "M6 8a2 2 0 1 0 4 0a2 2 0 1 0-4 0z" },
};

const SQUARE = "M3.5 1.5h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2z";
const EIGHT_CORNERS = "M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2z";
const ROUND = "M1.2 8a6.8 6.8 0 1 0 13.6 0a6.8 6.8 0 1 0-13.6 0z";

/** Failures are square, what was cancelled has eight corners, the rest is round: told apart without colour. */
export function outlineOf(shape: Shape): string {
  if (shape === "cross" || shape === "blocked" || shape === "late") return SQUARE;
  return shape === "bar" ? EIGHT_CORNERS : ROUND;
}

/** Black or white, whichever is read better on a colour. */
export function inkOn(colour: string): string {
  const part = (at: number) => (Number.parseInt(colour.slice(at, at + 2), 16) / 255) ** 2.2;
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5) > 0.36 ? "#16181c" : "#ffffff";
}

const paths = new Map<string, Path2D>();

function pathOf(text: string): Path2D {
  const known = paths.get(text) ?? new Path2D(text);
  paths.set(text, known);
  return known;
}

/** Draw the sign of a state on a canvas, its upper left corner at a place. */
export function drawState(
  context: CanvasRenderingContext2D,
  state: string | null,
  x: number,
  y: number,
  size: number,
): void {
  const colour = colourOf(state);
  const shape = shapeOf(state);
  const mark = MARKS[shape];
  context.save();
  context.translate(x, y);
  context.scale(size / 16, size / 16);
  context.fillStyle = colour;
  context.fill(pathOf(outlineOf(shape)));
  if (mark.line === undefined) {
    context.fillStyle = inkOn(colour);
    context.fill(pathOf(mark.path));
  } else {
    context.strokeStyle = inkOn(colour);
    context.lineWidth = mark.line;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.stroke(pathOf(mark.path));
  }
  context.restore();
}
