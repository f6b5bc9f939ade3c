import type { JSX } from "react";
import { useNow } from "../lib/now";
import { duration, local, relative, utc } from "../lib/time";

/** A moment in the viewer's zone; in UTC under the pointer. */
export function Time({
  at,
  empty = "–",
}: {
  readonly at: string | null | undefined;
  readonly empty?: string;
}): JSX.Element {
  if (at === null || at === undefined) return <span className="faint">{empty}</span>;
  const moment = Date.parse(at);
  return (
    <time dateTime={at} title={utc(moment)}>
      {local(moment, Date.now())}
    </time>
  );
}

/** How long ago a moment was, counted on; the moment itself under the pointer. */
export function Ago({ at }: { readonly at: string | null | undefined }): JSX.Element {
  const now = useNow();
  if (at === null || at === undefined) return <span className="faint">–</span>;
  const moment = Date.parse(at);
  return (
    <time dateTime={at} title={`${local(moment, now)} here, ${utc(moment)}`}>
      {relative(moment, now)}
    </time>
  );
}

/** From one moment to another, or until now and counted on. */
export function Duration({ from, to }: { readonly from: string | null; readonly to: string | null }): JSX.Element {
  if (from === null) return <span className="faint">–</span>;
  return to === null ? (
    <Counting from={Date.parse(from)} />
  ) : (
    <span>{duration(Date.parse(to) - Date.parse(from))}</span>
  );
}

function Counting({ from }: { readonly from: number }): JSX.Element {
  return <span>{duration(Math.floor((useNow() - from) / 1000) * 1000)}</span>;
}
