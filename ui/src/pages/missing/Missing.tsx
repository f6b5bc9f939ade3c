import { Link } from "@tanstack/react-router";
import type { JSX } from "react";
import { Empty } from "../../parts/Notice";
import { Page } from "../../parts/Page";

/** There is no page at this address. */
export function Missing(): JSX.Element {
  return (
    <Page title="There is no such page">
      <Empty title={location.pathname}>
        The address may have been cut off. <Link to="/">The dashboard</Link> shows what there is, and the search finds
        runs, flows and projects by name or id.
      </Empty>
    </Page>
  );
}
