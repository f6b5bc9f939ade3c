import { Button, Select } from "@mantine/core";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type JSX, useState } from "react";
import { useAsk, useLive } from "../../api/hooks";
import { usePaged } from "../../api/pages";
import type { AuditRow } from "../../api/tables";
import { containing, isId } from "../../lib/match";
import { Dialog } from "../../parts/Dialog";
import { Answer, Empty } from "../../parts/Notice";
import { type Column, RowList } from "../../parts/RowList";
import { SearchField } from "../../parts/SearchField";
import { Time } from "../../parts/Time";
import { ForAdmins, TeamPage } from "./frame";
import type { AuditSearch } from "./search";
import { shortValue } from "./values";

const AUDIT = `
query audit($where: audit_bool_exp!, $after: String, $limit: Int) {
  rows: audit(where: $where, order_by: [{created: desc}], after: $after, limit: $limit) {
    cursor id created who key_id key_name role agent_id operation ids input outcome address user_agent core_version
  }
}`;

const COUNTS = `
query audit_counts($where: audit_bool_exp!) {
  shown: audit_aggregate(where: $where) { aggregate { count } }
  operations: audit_aggregate(group_by: [operation]) { groups { key { operation } } }
}`;

const NEWEST = `subscription newest_audit { audit(order_by: [{created: desc}], limit: 1) { id } }`;

type Row = Omit<AuditRow, "tenant_id"> & { readonly cursor: string };

interface Counts {
  readonly shown: { readonly aggregate: { readonly count: number } };
  readonly operations: { readonly groups: readonly { readonly key: { readonly operation: string } }[] };
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "When", width: "9.5rem", show: (row) => <Time at={row.created} /> },
  { title: "Who", width: "minmax(9rem, 1fr)", show: (row) => <span title={row.who}>{row.who}</span> },
  { title: "Role", width: "6rem", show: (row) => row.role },
  { title: "Did", width: "minmax(11rem, 1.2fr)", show: (row) => <code>{row.operation}</code> },
  { title: "Outcome", width: "9rem", show: (row) => <Outcome of={row.outcome} /> },
  {
    title: "To",
    width: "minmax(10rem, 1.5fr)",
    show: (row) => <code title={shortValue(row.ids)}>{said(row.ids) || said(row.input)}</code>,
  },
  { title: "From", width: "8rem", show: (row) => <span className="soft">{row.address}</span> },
];

const route = getRouteApi("/team/audit");

/** Who changed what, when, and from where. */
export function Audit(): JSX.Element {
  return (
    <ForAdmins what="the audit log">
      <Listed />
    </ForAdmins>
  );
}

function Listed(): JSX.Element {
  const search = route.useSearch();
  const navigate = useNavigate();
  const change = (changed: { [Key in keyof AuditSearch]: AuditSearch[Key] | undefined }) =>
    void navigate({ to: "/team/audit", search: { ...search, ...changed } as AuditSearch, replace: true });
  const where = { _and: conditions(search) };
  const rows = usePaged<Row>(AUDIT, { where });
  const counts = useAsk<Counts>(COUNTS, { where });
  const [opened, setOpened] = useState<Row | null>(null);
  useLive(NEWEST);
  const isFiltered = Object.keys(search).length > 0;
  return (
    <TeamPage title="Audit log">
      <div className="filters">
        <SearchField label="Who" value={search.who} onChange={(who) => change({ who })} />
        <Select
          aria-label="Operation"
          placeholder="Any operation"
          data={[
            ...new Set([
              ...(counts.data?.operations.groups ?? []).map(({ key }) => key.operation),
              ...(search.operation === undefined ? [] : [search.operation]),
            ]),
          ]}
          value={search.operation ?? null}
          onChange={(operation) => change({ operation: operation ?? undefined })}
          clearable
          searchable
          w="16rem"
        />
        <Select
          aria-label="Outcome"
          placeholder="Any outcome"
          data={[
            { value: "success", label: "done" },
            { value: "refused", label: "refused" },
          ]}
          value={search.outcome ?? null}
          onChange={(outcome) => change({ outcome: (outcome as AuditSearch["outcome"]) ?? undefined })}
          clearable
          w="9rem"
        />
        <SearchField label="Id" value={search.id} onChange={(id) => change({ id })} width="20rem" />
        {isFiltered && (
          <Button variant="subtle" onClick={() => void navigate({ to: "/team/audit", search: {} })}>
            Clear
          </Button>
        )}
      </div>
      <Answer of={rows} what="the audit log">
        {(found) =>
          found.length === 0 ? (
            isFiltered ? (
              <Empty title="Nothing is like that">Change what is asked for above, or clear it.</Empty>
            ) : (
              <Empty title="Nothing has been changed over HTTP yet">
                What runs and agents report all day has a history of its own and is not here.
              </Empty>
            )
          ) : (
            <RowList
              label="Audit log"
              columns={COLUMNS}
              rows={found}
              keyOf={({ id }) => id}
              total={counts.data?.shown.aggregate.count}
              onEnd={rows.more}
              onOpen={setOpened}
              selected={opened?.id}
            />
          )
        }
      </Answer>
      {opened !== null && <Entry row={opened} onClose={() => setOpened(null)} />}
    </TeamPage>
  );
}

function conditions(search: AuditSearch): object[] {
  const found: object[] = [];
  if (search.who !== undefined) found.push({ who: { _ilike: containing(search.who) } });
  if (search.operation !== undefined) found.push({ operation: { _eq: search.operation } });
  if (search.outcome === "success") found.push({ outcome: { _eq: "success" } });
  if (search.outcome === "refused") found.push({ outcome: { _neq: "success" } });
  if (search.id !== undefined) found.push({ ids: { _cast: { String: { _ilike: containing(search.id.trim()) } } } });
  return found;
}

function said(ids: Row["ids"]): string {
  const values = ids !== null && typeof ids === "object" ? Object.values(ids) : [];
  return values.map(String).join(" ");
}

function Outcome({ of }: { readonly of: string }): JSX.Element {
  if (of === "success") return <span>done</span>;
  return (
    <span className="team-bad" title={of}>
      refused <code>{of}</code>
    </span>
  );
}

function Entry({ row, onClose }: { readonly row: Row; readonly onClose: () => void }): JSX.Element {
  const facts: [string, JSX.Element | string | null][] = [
    ["When", <Time key="when" at={row.created} />],
    ["Who", row.who],
    ["Role", row.role],
    ["Key", row.key_name === null ? "none" : `${row.key_name} (${row.key_id})`],
    ["Agent", row.agent_id],
    ["Outcome", <Outcome key="outcome" of={row.outcome} />],
    ["From", row.address],
    ["Program", row.user_agent],
    ["Version", row.core_version],
  ];
  return (
    <Dialog title={row.operation} onClose={onClose}>
      <dl className="team-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value ?? <span className="faint">–</span>}</dd>
          </div>
        ))}
      </dl>
      <h3 className="team-small-title">To</h3>
      <pre className="team-json">{JSON.stringify(row.ids, null, 2)}</pre>
      <h3 className="team-small-title">With</h3>
      <pre className="team-json">{JSON.stringify(row.input, null, 2)}</pre>
      {hasId(row.ids) && <p className="soft">What may be secret of the input is not written down.</p>}
    </Dialog>
  );
}

function hasId(ids: Row["ids"]): boolean {
  return ids !== null && typeof ids === "object" && Object.values(ids).some((id) => typeof id === "string" && isId(id));
}
