import type { JSX } from "react";
import { useFreshness } from "../api/hooks";
import { type Freshness, live } from "../api/live";
import { useKeys } from "../lib/keys";
import { useNow } from "../lib/now";
import { duration } from "../lib/time";

const WORDS: Record<Freshness, string> = {
  idle: "as of loading",
  connecting: "connecting",
  live: "live",
  paused: "paused",
  stale: "stale",
  ended: "complete",
};

/** How fresh the page is; pressed, it holds everything as it is, or goes on. */
export function Fresh(): JSX.Element | null {
  const { freshness, heard, reason } = useFreshness();
  useKeys("Everywhere", [{ keys: "space", says: "pause or go on", run: live.toggle }]);
  if (freshness === "idle") return null;
  const title = {
    idle: "",
    connecting: "The stream of changes is being opened.",
    live: "Changes are shown as they come. Press to pause.",
    paused: "Nothing changes on the page while it is paused. Press to go on.",
    stale: `${reason} It is tried again; press to try now.`,
    ended: "All that happened is shown.",
  }[freshness];
  return (
    <button
      type="button"
      className="fresh"
      data-freshness={freshness}
      title={title}
      onClick={freshness === "stale" ? live.retryNow : live.toggle}
    >
      <Sign freshness={freshness} />
      <span role="status">{WORDS[freshness]}</span>
      {(freshness === "stale" || freshness === "paused") && heard > 0 && <Since moment={heard} />}
    </button>
  );
}

function Since({ moment }: { readonly moment: number }): JSX.Element {
  return <span>{duration(Math.floor((useNow() - moment) / 1000) * 1000)}</span>;
}

function Sign({ freshness }: { readonly freshness: Freshness }): JSX.Element {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true" fill="currentColor">
      {freshness === "paused" ? (
        <path d="M2 1h3v10H2zm5 0h3v10H7z" />
      ) : freshness === "stale" ? (
        <path d="M6 0.5 12 11H0z" />
      ) : freshness === "live" ? (
        <circle cx="6" cy="6" r="4.5" fill="var(--good)" />
      ) : (
        <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.5" />
      )}
    </svg>
  );
}
