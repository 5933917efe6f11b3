import type { ColumnDef, SortingState, Column as TableColumn } from '@tanstack/react-table';
import type { ReactNode } from 'react';

export interface Column<T> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: T) => ReactNode;
  /** Pixels; of a growing column the least. */
  readonly width: number;
  /** Takes the space that is left. One column at least should. */
  readonly grow?: boolean;
  readonly align?: 'right';
  /** Makes the column sortable in the browser; null sorts last. */
  readonly sortValue?: (row: T) => number | string | null;
  /** Makes it sortable by the service. */
  readonly sortable?: boolean;
  /** 1 always shown, 2 from 640 pixels of table on, 3 from 960, 4 only where the reader asks. Default 1. */
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

export function layoutOf<T>(
  visible: readonly TableColumn<T>[],
  columns: readonly Column<T>[],
  sizes: Readonly<Record<string, number>>,
  selectable: boolean,
): Layout {
  const parts = visible.map(({ id }) => {
    const column = columns.find((known) => known.id === id);
    const dragged = sizes[id];
    const width = dragged ?? column?.width ?? 100;
    const grows = dragged === undefined && column?.grow === true;
    return { width, text: grows ? `minmax(${width}px, 1fr)` : `${width}px` };
  });
  if (selectable) parts.unshift({ width: CHECKBOX, text: `${CHECKBOX}px` });
  return {
    columns: parts.map(({ text }) => text).join(' '),
    least: parts.reduce((sum, { width }) => sum + width, PADDING),
  };
}
