import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { type JSX, useEffect, useRef, useState } from "react";
import { session, useAccess } from "../api/session";
import { listenToKeys, useKeys } from "../lib/keys";
import { Login } from "../pages/login/Login";
import { Fresh } from "./Fresh";
import { Help, named } from "./Help";
import { Palette } from "./Palette";
import { PLACES } from "./places";
import { Lost, Who } from "./Who";
import "./parts.css";

/** The page, or the question for a key where the server answers nobody without one. */
export function Shell(): JSX.Element | null {
  const { access } = useAccess();
  useEffect(() => {
    void session.load();
  }, []);
  // Nothing is asked before it is known whether anything will be answered.
  if (access === "unknown") return null;
  return access === "needed" ? <Login /> : <Around isLost={access === "lost"} />;
}

/** What is around every page: where one can go, the search, the keys, and how fresh the page is. */
function Around({ isLost }: { readonly isLost: boolean }): JSX.Element {
  const [searching, setSearching] = useState(false);
  const [helping, setHelping] = useState(false);
  const navigate = useNavigate();
  const toggleTheme = useThemeToggle();
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useFocusOnNewPage(main);
  useEffect(listenToKeys, []);
  useKeys("Everywhere", [
    { keys: "mod+k", says: "search", run: () => setSearching(true), whileTyping: true },
    { keys: "/", says: "search", run: () => setSearching(true) },
    { keys: "?", says: "show the keys", run: () => setHelping(true) },
    { keys: "T", says: "dark or light", run: toggleTheme.run },
    { keys: "y", says: "copy the address", run: () => void navigator.clipboard?.writeText(location.href) },
  ]);
  useKeys(
    "Go to",
    PLACES.map((place) => ({ keys: place.keys, says: place.says, run: () => void navigate({ to: place.to }) })),
  );
  return (
    <div className="shell">
      <a className="shell-skip" href="#main">
        To the content
      </a>
      <nav className="shell-rail" aria-label="Pages">
        <Link to="/" className="shell-brand">
          <Mark />
          Quaestor
        </Link>
        {PLACES.map((place) => (
          <Link
            key={place.to}
            to={place.to}
            className="shell-link"
            {...(place.within !== undefined && path.startsWith(place.within) ? { "data-status": "active" } : {})}
            activeOptions={{ exact: place.to === "/", includeSearch: false }}
          >
            <svg
              width="14"
              height="14"
              viewBox="0 0 16 16"
              fill="none"
              stroke="currentColor"
              strokeWidth="1.5"
              aria-hidden="true"
            >
              <path d={place.picture} />
            </svg>
            {place.says}
            <kbd aria-hidden="true">{place.keys}</kbd>
          </Link>
        ))}
        <div className="shell-foot">Times in {Intl.DateTimeFormat().resolvedOptions().timeZone}</div>
      </nav>
      <header className="shell-bar">
        <button type="button" className="shell-search" onClick={() => setSearching(true)}>
          Search
          <kbd>{named("mod+k")}</kbd>
        </button>
        <span className="shell-spring" />
        <Fresh />
        <Who />
        <Tooltip label={`${toggleTheme.says} (T)`}>
          <ActionIcon aria-label={toggleTheme.says} onClick={toggleTheme.run}>
            <svg width="15" height="15" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
              <path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.6v10.8A5.4 5.4 0 0 1 8 2.6Z" />
            </svg>
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Keys (?)">
          <ActionIcon aria-label="Show the keys" onClick={() => setHelping(true)}>
            ?
          </ActionIcon>
        </Tooltip>
      </header>
      <main className="shell-main" id="main" tabIndex={-1} ref={main}>
        <Outlet />
      </main>
      {isLost && <Lost />}
      {searching && <Palette onClose={() => setSearching(false)} />}
      {helping && <Help onClose={() => setHelping(false)} />}
    </div>
  );
}

function Mark(): JSX.Element {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#5d2a66" />
      <path
        d="M16 6.5a9.5 9.5 0 1 0 5.7 17.1l2.6 2.6 2.1-2.1-2.6-2.6A9.5 9.5 0 0 0 16 6.5Zm0 3.2a6.3 6.3 0 0 1 5.3 9.7l-2.4-2.4-2.1 2.1 2.5 2.5A6.3 6.3 0 1 1 16 9.7Z"
        fill="#f6ecd9"
      />
    </svg>
  );
}

function useThemeToggle(): { readonly says: string; readonly run: () => void } {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme("light") === "dark";
  return { says: isDark ? "Light theme" : "Dark theme", run: () => setColorScheme(isDark ? "light" : "dark") };
}

/** Whoever uses the keyboard or a screen reader begins a new page at its top, not where the old one was left. */
function useFocusOnNewPage(main: React.RefObject<HTMLElement | null>): void {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const last = useRef(path);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [path, main]);
}
