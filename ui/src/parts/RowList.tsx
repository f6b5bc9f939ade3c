import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type JSX, type ReactNode, useEffect, useRef, useState } from "react";
import { useKeys } from "../lib/keys";

export interface Column<Row, Sort extends string = string> {
  readonly title: string;
  /** A track of a CSS grid: "8rem", "minmax(8rem, 2fr)". */
  readonly width: string;
  readonly show: (row: Row) => ReactNode;
  /** What it is sorted by, where it can be. */
  readonly sort?: Sort;
  readonly isNumber?: boolean;
}

export interface Order<Sort extends string = string> {
  readonly by: Sort;
  readonly direction: "asc" | "desc";
}

interface RowListProps<Row, Sort extends string> {
  readonly label: string;
  readonly columns: readonly Column<Row, Sort>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** How many there are in all, of which `rows` are the first. */
  readonly total?: number | undefined;
  /** Called when the end of `rows` comes into view. */
  readonly onEnd?: (() => void) | undefined;
  readonly order?: Order<Sort>;
  readonly onOrder?: (order: Order<Sort>) => void;
  /** A click or Enter on a row. */
  readonly onOpen?: (row: Row) => void;
  readonly selected?: string | undefined;
  /** Rows can be chosen: which are, by their keys. `x` chooses the row that is gone to. */
  readonly chosen?: ReadonlySet<string>;
  readonly onChoose?: (chosen: ReadonlySet<string>) => void;
  readonly style?: CSSProperties;
}

const ROW_PIXELS = 30;
const ROWS_BEYOND = 12;

/** A table of any length: only the rows in view are there. `j` and `k` go up and down, Enter opens. */
export function RowList<Row, Sort extends string = string>(props: RowListProps<Row, Sort>): JSX.Element {
  const { label, columns, rows, keyOf, total, onEnd, order, onOrder, onOpen, selected, style } = props;
  const { chosen, onChoose } = props;
  const lastChosen = useRef(-1);
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(-1);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PIXELS,
    overscan: ROWS_BEYOND,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= rows.length - ROWS_BEYOND && rows.length > 0) onEnd?.();
  }, [last, rows.length, onEnd]);
  const go = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setCurrent(next);
    // Enter is then for the row, and not for the button that was pressed last.
    scroller.current?.focus({ preventScroll: true });
    virtual.scrollToIndex(next);
  };
  /** Choose a row or no longer; with the shift key, all from the one that was chosen last. */
  const choose = (index: number, isRange: boolean) => {
    const row = rows[index];
    if (row === undefined || chosen === undefined || onChoose === undefined) return;
    const next = new Set(chosen);
    const isChosen = !next.has(keyOf(row));
    const from = isRange && lastChosen.current >= 0 ? lastChosen.current : index;
    for (const each of rows.slice(Math.min(from, index), Math.max(from, index) + 1)) {
      if (isChosen) next.add(keyOf(each));
      else next.delete(keyOf(each));
    }
    lastChosen.current = index;
    onChoose(next);
  };
  const isAll = chosen !== undefined && rows.length > 0 && rows.every((row) => chosen.has(keyOf(row)));
  useKeys(label, [
    { keys: "j", says: "next row", run: () => go(current + 1) },
    { keys: "k", says: "row before", run: () => go(current < 0 ? 0 : current - 1) },
    ...(chosen === undefined ? [] : [{ keys: "x", says: "choose the row", run: () => choose(current, false) }]),
    ...(onOpen === undefined
      ? []
      : [
          {
            keys: "enter",
            says: "open the row",
            run: () => {
              const row = rows[current];
              if (row !== undefined) onOpen(row);
            },
          },
        ]),
  ]);
  const tracks = columns.map((column) => column.width);
  const template = { gridTemplateColumns: (chosen === undefined ? tracks : ["1.1rem", ...tracks]).join(" ") };
  return (
    <div
      ref={scroller}
      className="rows"
      role="table"
      aria-label={label}
      aria-rowcount={(total ?? rows.length) + 1}
      tabIndex={0}
      style={style}
    >
      <div role="rowgroup" className="rows-head">
        <div className="rows-row" role="row" aria-rowindex={1} style={template}>
          {chosen !== undefined && (
            <div role="columnheader">
              <input
                type="checkbox"
                className="choice"
                aria-label="Choose every row that has been read"
                checked={isAll}
                ref={(box) => {
                  if (box !== null) box.indeterminate = chosen.size > 0 && !isAll;
                }}
                onChange={() => onChoose?.(isAll ? new Set() : new Set(rows.map(keyOf)))}
              />
            </div>
          )}
          {columns.map((column) => (
            <Head key={column.title} column={column} order={order} onOrder={onOrder} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="rows-body" style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <div
              key={keyOf(row)}
              className="rows-row"
              role="row"
              aria-rowindex={index + 2}
              data-current={index === current}
              data-selected={keyOf(row) === selected}
              style={{ ...template, transform: `translateY(${start}px)` }}
              onClick={(event) => {
                setCurrent(index);
                // Links in the row lead where they lead.
                if (!(event.target as HTMLElement).closest("a, button, input")) onOpen?.(row);
              }}
            >
              {chosen !== undefined && (
                <div role="cell">
                  <input
                    type="checkbox"
                    className="choice"
                    tabIndex={-1}
                    aria-label={`Choose row ${index + 1}`}
                    checked={chosen.has(keyOf(row))}
                    onChange={(event) => choose(index, (event.nativeEvent as MouseEvent).shiftKey)}
                  />
                </div>
              )}
              {columns.map((column) => (
                <div key={column.title} role="cell" className={column.isNumber === true ? "clip number" : "clip"}>
                  {column.show(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface HeadProps<Row, Sort extends string> {
  readonly column: Column<Row, Sort>;
  readonly order: Order<Sort> | undefined;
  readonly onOrder: ((order: Order<Sort>) => void) | undefined;
}

function Head<Row, Sort extends string>({ column, order, onOrder }: HeadProps<Row, Sort>): JSX.Element {
  const { sort, title } = column;
  const isSorted = sort !== undefined && order?.by === sort;
  const direction = isSorted ? order.direction : undefined;
  return (
    <div
      role="columnheader"
      className={column.isNumber === true ? "clip number" : "clip"}
      aria-sort={direction === undefined ? undefined : direction === "asc" ? "ascending" : "descending"}
    >
      {sort === undefined || onOrder === undefined ? (
        title
      ) : (
        <button
          type="button"
          className="sort"
          onClick={() => onOrder({ by: sort, direction: direction === "desc" ? "asc" : "desc" })}
        >
          {title} {direction === undefined ? "" : direction === "asc" ? "↑" : "↓"}
        </button>
      )}
    </div>
  );
}
