import type { JSX } from "react";
import { Page } from "../../parts/Page";

export function FlowRun(): JSX.Element {
  return <Page title="Flow run">soon</Page>;
}
