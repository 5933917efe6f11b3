import type { Header, Table } from '@tanstack/react-table';
import { Icon } from './Icon.js';
import { Menu } from './Menu.js';
import type { Column } from './table-columns.js';
import type { ColumnState } from './table-state.js';

interface Props<T> {
  readonly table: Table<T>;
  readonly columns: readonly Column<T>[];
  readonly selectable: boolean;
  readonly columnState: ColumnState;
}

const KEY_STEP = 16;

export function TableHead<T>({ table, columns, selectable, columnState }: Props<T>) {
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  return (
    <div role="rowgroup" className="table-head">
      <div role="row" className="table-row" aria-rowindex={1}>
        {selectable && (
          <div role="columnheader" className="table-cell">
            <span className="visually-hidden">Selected</span>
          </div>
        )}
        {headers.map((header) => (
          <HeadCell
            key={header.id}
            header={header}
            column={columns.find((known) => known.id === header.column.id)}
            columnState={columnState}
          />
        ))}
      </div>
    </div>
  );
}

function HeadCell<T>({
  header,
  column,
  columnState,
}: {
  readonly header: Header<T, unknown>;
  readonly column: Column<T> | undefined;
  readonly columnState: ColumnState;
}) {
  const sorted = header.column.getIsSorted();
  const label = column?.header ?? header.id;
  const sortable = header.column.getCanSort();
  return (
    <div
      role="columnheader"
      className="table-cell"
      data-align={column?.align}
      aria-sort={sorted === false ? (sortable ? 'none' : undefined) : sorted === 'desc' ? 'descending' : 'ascending'}
    >
      {sortable ? (
        <button type="button" className="table-sort" onClick={header.column.getToggleSortingHandler()}>
          {label}
          <span aria-hidden="true">{sorted === 'desc' ? ' ↓' : sorted === 'asc' ? ' ↑' : ''}</span>
        </button>
      ) : (
        label
      )}
      <span
        className="table-resize"
        role="separator"
        aria-orientation="vertical"
        aria-label={`Width of ${label}`}
        aria-valuenow={header.getSize()}
        aria-valuemin={40}
        aria-valuemax={1000}
        tabIndex={0}
        onMouseDown={header.getResizeHandler()}
        onTouchStart={header.getResizeHandler()}
        onKeyDown={(event) => {
          const step = event.key === 'ArrowRight' ? KEY_STEP : event.key === 'ArrowLeft' ? -KEY_STEP : 0;
          if (step === 0) return;
          event.stopPropagation();
          columnState.resize((sizes) => ({ ...sizes, [header.id]: Math.max(40, header.getSize() + step) }));
        }}
      />
    </div>
  );
}

/** Lies over the end of the head, not in it: a grid may hold nothing but rows. */
export function ColumnMenu<T>({
  columns,
  columnState,
}: {
  readonly columns: readonly Column<T>[];
  readonly columnState: ColumnState;
}) {
  return (
    <Menu label="Columns" className="table-columns" face={<Icon name="columns" size={14} />}>
      {columns.map((column) => (
        <label key={column.id} className="menu-item">
          <input
            type="checkbox"
            checked={columnState.visibility[column.id] ?? true}
            onChange={(event) => columnState.show(column.id, event.target.checked)}
          />
          {column.header}
        </label>
      ))}
      <button type="button" className="menu-item" onClick={columnState.reset}>
        As at first
      </button>
    </Menu>
  );
}
