import { type JSX, type ReactNode, useEffect } from "react";

interface PageProps {
  readonly title: string;
  /** What the browser's tab says, where it is not the title. */
  readonly tab?: string;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

/** A page: its title, its tools, and what it shows. */
export function Page({ title, tab, tools, children }: PageProps): JSX.Element {
  useTab(tab ?? title);
  return (
    <>
      <div className="page-head">
        <h1 className="page-title">{title}</h1>
        {tools !== undefined && <div className="page-tools">{tools}</div>}
      </div>
      {children}
    </>
  );
}

/** Name the browser's tab. */
export function useTab(title: string): void {
  useEffect(() => {
    document.title = `${title} · Quaestor`;
  }, [title]);
}

interface SectionProps {
  readonly title: string;
  readonly count?: number | undefined;
  readonly more?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page under a heading. */
export function Section({ title, count, more, children }: SectionProps): JSX.Element {
  return (
    <section className="section" aria-label={title}>
      <div className="section-head">
        <h2 className="section-title">{title}</h2>
        {count !== undefined && <span className="section-count">{count.toLocaleString("en")}</span>}
        {more !== undefined && <span className="section-more">{more}</span>}
      </div>
      {children}
    </section>
  );
}
