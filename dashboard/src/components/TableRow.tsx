import { type ReactNode, useMemo } from 'react';
import type { Column } from './table-columns.js';

interface Props<T> {
  readonly id: string;
  readonly domId: string;
  readonly row: T;
  /** The shown columns, from left to right. */
  readonly columns: readonly Column<T>[];
  /** Counted from one, the head included. */
  readonly number: number;
  /** Pixels from the top of all rows. */
  readonly top: number;
  readonly open: boolean;
  readonly marked: boolean;
  /** null where rows cannot be selected. */
  readonly selected: boolean | null;
  readonly toggle: (key: string) => void;
  readonly mark: (key: string) => void;
  readonly onOpen: ((row: T) => void) | undefined;
}

/** One row. Its cells are made anew only for another row or other columns: a table in live mode is drawn again every second. */
export function TableRow<T>(props: Props<T>) {
  const { id, domId, row, columns, number, top, open, marked, selected, toggle, mark, onOpen } = props;
  const cells = useMemo<ReactNode>(
    () =>
      columns.map((column) => (
        <div key={column.id} role="gridcell" className="table-cell" data-align={column.align}>
          {column.cell(row)}
        </div>
      )),
    [row, columns],
  );
  return (
    <div
      id={domId}
      role="row"
      tabIndex={-1}
      aria-rowindex={number}
      aria-selected={selected ?? undefined}
      className="table-row"
      data-open={open || undefined}
      data-cursor={marked || undefined}
      data-clickable={onOpen !== undefined || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => {
        mark(id);
        if (!(event.target instanceof Element && event.target.closest('a, button, input, label'))) onOpen?.(row);
      }}
    >
      {selected !== null && (
        <div role="gridcell" className="table-cell table-check">
          <label>
            <input
              type="checkbox"
              aria-label={`Select ${id}`}
              // The grid is one stop of Tab, and selects by x: a thousand rows are not a thousand stops.
              tabIndex={-1}
              checked={selected}
              onChange={() => toggle(id)}
            />
          </label>
        </div>
      )}
      {cells}
    </div>
  );
}
