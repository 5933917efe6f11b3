import type { ColumnDef, SortingState } from '@tanstack/react-table';
import type { ReactNode } from 'react';

export interface Column<T> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: T) => ReactNode;
  /** Pixels; of a growing column the least. */
  readonly width: number;
  /** Takes the space that is left, or so many parts of it. One column at least should. */
  readonly grow?: boolean | number;
  readonly align?: 'right';
  /** Makes the column sortable in the browser; null sorts last. */
  readonly sortValue?: (row: T) => number | string | null;
  /** Makes it sortable by the service. */
  readonly sortable?: boolean;
  /** 1 is always shown, 4 only where the reader asks; between them what fits, 2 before 3. Default 1. */
  readonly priority?: 1 | 2 | 3 | 4;
}

/** An order that the service makes. */
export interface TableSort {
  readonly state: SortingState;
  readonly change: (state: SortingState) => void;
}

export function columnDefinitions<T>(columns: readonly Column<T>[]): ColumnDef<T>[] {
  return columns.map((column) => ({
    id: column.id,
    header: column.header,
    size: column.width,
    minSize: 40,
    enableSorting: column.sortValue !== undefined || column.sortable === true,
    sortDescFirst: column.align === 'right',
    accessorFn: (row: T) => column.sortValue?.(row) ?? undefined,
    sortUndefined: 'last' as const,
  }));
}

interface Layout {
  /** The grid's columns: the reader's width where he has dragged one, else the column's own. */
  readonly columns: string;
  /** Below this many pixels the table scrolls sideways. */
  readonly least: number;
}

const CHECKBOX = 36;
/** Of a row, with the room for the menu of columns at its end. */
const PADDING = 40;

/** What a growing column should have beyond its least before a less important one is shown, pixels. */
const COMFORT = 40;

/** Those that fit into a table of this width: the most important first, and of one importance from left to right. */
export function fitting<T>(columns: readonly Column<T>[], width: number, selectable: boolean): ReadonlySet<string> {
  const found = new Set<string>();
  let used = PADDING + (selectable ? CHECKBOX : 0);
  let full = false;
  for (const priority of [1, 2, 3] as const) {
    for (const column of columns) {
      if ((column.priority ?? 1) !== priority) continue;
      used += column.width + (column.grow === undefined ? 0 : COMFORT);
      full ||= priority > 1 && used > width;
      if (!full) found.add(column.id);
    }
  }
  return found;
}

export function layoutOf<T>(
  visible: readonly Column<T>[],
  sizes: Readonly<Record<string, number>>,
  selectable: boolean,
): Layout {
  const parts = visible.map((column) => {
    const dragged = sizes[column.id];
    const width = dragged ?? column.width;
    const share = dragged === undefined ? Number(column.grow ?? 0) : 0;
    return { width, text: share > 0 ? `minmax(${width}px, ${share}fr)` : `${width}px` };
  });
  if (selectable) parts.unshift({ width: CHECKBOX, text: `${CHECKBOX}px` });
  return {
    columns: parts.map(({ text }) => text).join(' '),
    least: parts.reduce((sum, { width }) => sum + width, PADDING),
  };
}
