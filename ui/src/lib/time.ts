/** Moments and durations as people read them. Times are shown in the viewer's zone. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in milliseconds: "0.42 s", "12 s", "3 min 20 s", "5 h 2 min", "3 d 4 h". */
export function duration(milliseconds: number): string {
  const length = Math.max(0, milliseconds);
  if (length < 1) return "0 s";
  if (length < 10 * SECOND) return `${trim(length / SECOND, length < SECOND ? 3 : 1)} s`;
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`;
  if (length < HOUR) return two(length, MINUTE, "min", SECOND, "s");
  if (length < DAY) return two(length, HOUR, "h", MINUTE, "min");
  return two(length, DAY, "d", HOUR, "h");
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

function two(length: number, large: number, largeName: string, small: number, smallName: string): string {
  const whole = Math.floor(length / large);
  const rest = Math.floor((length - whole * large) / small);
  return rest ? `${whole} ${largeName} ${rest} ${smallName}` : `${whole} ${largeName}`;
}

/** How long ago a moment was, or how soon it comes: "just now", "4 min ago", "in 2 h". */
export function relative(moment: number, now: number): string {
  const distance = Math.abs(now - moment);
  if (distance < 5 * SECOND) return "just now";
  const said = coarse(distance);
  return moment > now ? `in ${said}` : `${said} ago`;
}

function coarse(length: number): string {
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`;
  if (length < HOUR) return `${Math.floor(length / MINUTE)} min`;
  if (length < 2 * DAY) return `${Math.floor(length / HOUR)} h`;
  return `${Math.floor(length / DAY)} days`;
}

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

/** A moment in the viewer's zone: "14:03:07" today, "Nov 28 14:03:07" this year, else with the year. */
export function local(moment: number, now: number): string {
  const at = new Date(moment);
  const today = new Date(now);
  const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  if (at.toDateString() === today.toDateString()) return clock;
  const day = at.toLocaleDateString("en", { month: "short", day: "numeric" });
  return at.getFullYear() === today.getFullYear() ? `${day} ${clock}` : `${day} ${at.getFullYear()} ${clock}`;
}

/** A moment in the viewer's zone to the millisecond: for logs. */
export function clock(moment: number): string {
  const at = new Date(moment);
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`;
}

/** A moment in UTC: "2026-11-28 13:03:07.123 UTC". */
export function utc(moment: number): string {
  return `${new Date(moment).toISOString().replace("T", " ").replace("Z", "")} UTC`;
}
