/** What pictures on a canvas share: sharpness, the colours of the page, words that fit. */

export interface Ink {
  readonly paper: string;
  readonly raised: string;
  readonly sunk: string;
  readonly ink: string;
  readonly soft: string;
  readonly faint: string;
  readonly line: string;
  readonly strong: string;
  readonly accent: string;
  readonly wash: string;
  readonly hover: string;
  readonly danger: string;
  readonly warn: string;
  readonly face: string;
}

/** The colours and the face of the page as they are now, in this theme. */
export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    paper: of("--paper"),
    raised: of("--paper-raised"),
    sunk: of("--paper-sunk"),
    ink: of("--ink"),
    soft: of("--ink-soft"),
    faint: of("--ink-faint"),
    line: of("--line"),
    strong: of("--line-strong"),
    accent: of("--accent"),
    wash: of("--accent-wash"),
    hover: of("--hover"),
    danger: of("--danger"),
    warn: of("--warn"),
    face: style.fontFamily,
  };
}

/** A canvas of this size, as sharp as the screen, empty. */
export function prepared(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  const wide = Math.round(width * ratio);
  const high = Math.round(height * ratio);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  const context = canvas.getContext("2d");
  if (context === null) return null;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

const fitted = new Map<string, string>();
const MOST_FITTED = 20_000;

/** As much of a text as there is room for, with three dots where some is left out. */
export function clipped(context: CanvasRenderingContext2D, text: string, room: number): string {
  const width = Math.floor(room);
  const key = `${context.font}\n${width}\n${text}`;
  const known = fitted.get(key);
  if (known !== undefined) return known;
  let low = 0;
  // A name of any length is measured by its beginning.
  let high = Math.min(text.length, Math.ceil(room / 3));
  let found = text;
  if (text.length > high || context.measureText(text).width > width) {
    while (low < high) {
      const half = (low + high + 1) >> 1;
      if (context.measureText(`${text.slice(0, half)}…`).width <= width) low = half;
      else high = half - 1;
    }
    found = low === 0 ? "" : `${text.slice(0, low)}…`;
  }
  if (fitted.size > MOST_FITTED) fitted.clear();
  fitted.set(key, found);
  return found;
}
