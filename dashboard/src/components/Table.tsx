import { getCoreRowModel, getSortedRowModel, type SortingState, useReactTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useId, useMemo, useRef, useState } from 'react';
import { counted } from '../format/numbers.js';
import { ColumnMenu, TableHead } from './TableHead.js';
import { TableRow } from './TableRow.js';
import { type Column, columnDefinitions, layoutOf, type TableSort } from './table-columns.js';
import { useColumnState } from './table-state.js';
import { useCoarsePointer } from './use-coarse-pointer.js';
import { useWidth } from './use-width.js';

/** Pixels, for a mouse and for a finger. */
const ROW_HEIGHT = 32;
const COARSE_ROW_HEIGHT = 44;
/** Of the head. */
const HEAD_HEIGHT = 33;

interface Selection {
  readonly keys: ReadonlySet<string>;
  readonly toggle: (key: string) => void;
}

interface Props<T> {
  /** Under this name widths and hidden columns are kept in the browser. */
  readonly id: string;
  readonly label: string;
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  readonly columns: readonly Column<T>[];
  /** Where the service sorts; else the table does, by each column's `sortValue`. */
  readonly sort?: TableSort;
  readonly defaultSort?: SortingState;
  /** Enter or a click on a row. */
  readonly onOpen?: (row: T) => void;
  /** Marked as the one that is open. */
  readonly openKey?: string | null;
  readonly selection?: Selection;
  /** Called when the reader nears the end. */
  readonly onEnd?: () => void;
  /** True while the reader is not at the top: rows that arrive would move what he reads. */
  readonly onScrolled?: (scrolled: boolean) => void;
  /** Exact number of rows, also of those not loaded. */
  readonly total?: number;
  readonly empty?: ReactNode;
  /** The rows are those of another question, until its answer comes. */
  readonly busy?: boolean;
}

/**
 * Any number of rows, of which only the visible are drawn. Fixed layout: nothing moves when rows arrive. Keys: ↑ ↓ j k walk, Home End
 * jump, Enter opens, x or space selects.
 */
export function Table<T>(props: Props<T>) {
  const { id, label, rows, rowKey, columns, onOpen, openKey, selection, onEnd, onScrolled, total } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const columnState = useColumnState(id, columns, width, selection !== undefined);
  const rowHeight = useCoarsePointer() ? COARSE_ROW_HEIGHT : ROW_HEIGHT;
  const [sorting, setSorting] = useState<SortingState>(props.defaultSort ?? []);
  const [cursor, setCursor] = useState<string | null>(null);
  const domId = useId();

  const data = useMemo(() => [...rows], [rows]);
  const definitions = useMemo(() => columnDefinitions(columns), [columns]);
  const table = useReactTable<T>({
    data,
    columns: definitions,
    getRowId: rowKey,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    manualSorting: props.sort !== undefined,
    columnResizeMode: 'onChange',
    enableSortingRemoval: false,
    state: {
      sorting: props.sort === undefined ? sorting : props.sort.state,
      columnVisibility: columnState.visibility,
      columnSizing: columnState.sizes,
    },
    onSortingChange: (change) => {
      const current = props.sort === undefined ? sorting : props.sort.state;
      const next = typeof change === 'function' ? change(current) : change;
      if (props.sort === undefined) setSorting(next);
      else props.sort.change(next);
    },
    onColumnSizingChange: columnState.resize,
  });
  const shown = table.getRowModel().rows;

  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    onChange: (instance) => {
      const last = instance.range?.endIndex ?? 0;
      if (onEnd !== undefined && last >= shown.length - 30) onEnd();
      onScrolled?.((instance.scrollOffset ?? 0) > rowHeight);
    },
  });

  const at = cursor ?? openKey ?? null;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget && event.key !== 'Escape') return;
    const here = at === null ? -1 : shown.findIndex((row) => row.id === at);
    const to = destination(event.key, here, shown.length);
    if (to !== null) {
      event.preventDefault();
      const row = shown[to];
      if (row === undefined) return;
      setCursor(row.id);
      virtual.scrollToIndex(to);
      // With a row open beside the list, walking the list opens the next.
      if (openKey !== null && openKey !== undefined) onOpen?.(row.original);
      return;
    }
    const row = shown[here];
    if (row === undefined) return;
    if (event.key === 'Enter') onOpen?.(row.original);
    else if ((event.key === 'x' || event.key === ' ') && selection !== undefined) {
      event.preventDefault();
      selection.toggle(row.id);
    }
  };

  const { visibility, sizes } = columnState;
  const visible = useMemo(() => columns.filter((column) => visibility[column.id]), [columns, visibility]);
  const layout = layoutOf(visible, sizes, selection !== undefined);
  const rowDomId = (index: number) => `${domId}-${index}`;
  const active = shown.find((row) => row.id === at);
  const height = virtual.getTotalSize();
  return (
    <div
      className="table-box"
      // No higher than its rows: what is empty below them says nothing.
      style={shown.length === 0 ? undefined : { '--content': `${height + HEAD_HEIGHT}px` }}
    >
      <ColumnMenu columns={columns} columnState={columnState} />
      <div
        ref={scroller}
        className="table"
        role="grid"
        aria-label={`${label}, ${counted(total ?? rows.length, 'row')}`}
        aria-busy={props.busy || undefined}
        aria-rowcount={(total ?? rows.length) + 1}
        aria-multiselectable={selection !== undefined}
        aria-activedescendant={active === undefined ? undefined : rowDomId(active.index)}
        tabIndex={0}
        style={{ '--columns': layout.columns, '--least': `${layout.least}px`, '--row': `${rowHeight}px` }}
        onKeyDown={onKeyDown}
      >
        <TableHead table={table} columns={columns} selectable={selection !== undefined} columnState={columnState} />
        <div role="rowgroup" className="table-rows" style={{ height }}>
          {virtual.getVirtualItems().map((item) => {
            const row = shown[item.index];
            if (row === undefined) return null;
            return (
              <TableRow
                key={row.id}
                id={row.id}
                domId={rowDomId(row.index)}
                row={row.original}
                columns={visible}
                number={item.index + 2}
                top={item.start}
                open={row.id === openKey}
                marked={row.id === at}
                selected={selection === undefined ? null : selection.keys.has(row.id)}
                toggle={(key) => selection?.toggle(key)}
                mark={setCursor}
                onOpen={onOpen}
              />
            );
          })}
        </div>
      </div>
      {shown.length === 0 && <div className="table-empty">{props.empty}</div>}
    </div>
  );
}

function destination(key: string, here: number, length: number): number | null {
  if (length === 0) return null;
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return Math.min(here + 1, length - 1);
    case 'ArrowUp':
    case 'k':
      return Math.max(here - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return null;
  }
}
