import { type JSX, useMemo } from "react";
import { format } from "sql-formatter";
import type { Explained, Reply } from "./ask";

const NAMES: Record<string, string> = { sqlite: "SQLite", postgresql: "PostgreSQL" };

/** How the server would answer: for each field of the question its statement, its cost and the plan of the database. */
export function Explanation({ reply }: { readonly reply: Reply }): JSX.Element {
  const { explained, database } = reply;
  return (
    <div className="console-explained" tabIndex={0} role="region" aria-label="How it would be answered">
      <p className="soft">
        Nothing was carried out. The cost is how many rows may have to be looked at: <b>{count(reply.cost ?? 0)}</b> in
        all.
      </p>
      {(explained ?? []).map((part) => (
        <Part key={part.field} part={part} database={database ?? "sqlite"} />
      ))}
    </div>
  );
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function Part({ part, database }: { readonly part: Explained; readonly database: string }): JSX.Element {
  const sql = useMemo(() => laidOut(part.sql, database), [part.sql, database]);
  return (
    <section aria-label={part.field}>
      <h3 className="console-type">
        {part.field} <span className="soft">costs {count(part.cost)}</span>
      </h3>
      {part.sql === null ? (
        <p className="soft">The server answers this by itself, or by fixed statements: there is nothing to compile.</p>
      ) : (
        <>
          <h4>
            Statement <span className="soft">with {part.parameters.length} bound values, which are not shown</span>
          </h4>
          <pre tabIndex={0}>{sql}</pre>
          <h4>Plan of {NAMES[database] ?? database}</h4>
          <pre tabIndex={0}>{part.plan.join("\n")}</pre>
        </>
      )}
    </section>
  );
}

function laidOut(sql: string | null, database: string): string {
  if (sql === null) return "";
  try {
    return format(sql, {
      language: database === "postgresql" ? "postgresql" : "sqlite",
      paramTypes: database === "postgresql" ? { numbered: ["$"] } : { positional: true },
      expressionWidth: 90,
    });
  } catch {
    // It is the statement all the same.
    return sql;
  }
}
