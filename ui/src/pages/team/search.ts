import { compact, type Search, text } from "../../lib/search";

export interface AgentsSearch {
  /** The id of a run of which it is asked who would take it. */
  readonly run?: string;
}

export function readAgents(search: Search): AgentsSearch {
  return compact({ run: text(search, "run") }) as AgentsSearch;
}

export interface KeyValuesSearch {
  readonly key?: string;
}

export function readKeyValues(search: Search): KeyValuesSearch {
  return compact({ key: text(search, "key") }) as KeyValuesSearch;
}

export interface AuditSearch {
  readonly who?: string;
  readonly operation?: string;
  readonly outcome?: "success" | "refused";
  /** The id of something that was changed. */
  readonly id?: string;
}

export function readAudit(search: Search): AuditSearch {
  const outcome = text(search, "outcome");
  return compact({
    who: text(search, "who"),
    operation: text(search, "operation"),
    outcome: outcome === "success" || outcome === "refused" ? outcome : undefined,
    id: text(search, "id"),
  }) as AuditSearch;
}
