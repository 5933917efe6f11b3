import type { ColumnSizingState, Updater } from '@tanstack/react-table';
import { useMemo } from 'react';
import { usePreference, writePreference } from '../scope/preferences.js';
import { type Column, fitting } from './table-columns.js';

export interface ColumnState {
  readonly visibility: Readonly<Record<string, boolean>>;
  readonly sizes: Readonly<Record<string, number>>;
  readonly resize: (change: Updater<ColumnSizingState>) => void;
  readonly show: (column: string, shown: boolean) => void;
  readonly reset: () => void;
}

interface Kept {
  readonly shown: Readonly<Record<string, boolean>>;
  readonly sizes: Readonly<Record<string, number>>;
}

/** Which columns are shown and how wide: the reader's choice, kept under the table's name; else by what fits. */
export function useColumnState<T>(
  id: string,
  columns: readonly Column<T>[],
  width: number,
  selectable: boolean,
): ColumnState {
  const name = `table.${id}`;
  const text = usePreference(name);
  return useMemo(() => {
    const kept = parse(text);
    const keep = (changed: Kept) => writePreference(name, JSON.stringify(changed));
    const fits = fitting(columns, width, selectable);
    const visibility = Object.fromEntries(
      columns.map(({ id: column }) => [column, kept.shown[column] ?? fits.has(column)]),
    );
    return {
      visibility,
      sizes: kept.sizes,
      resize: (change) => {
        const sizes = typeof change === 'function' ? change({ ...kept.sizes }) : change;
        keep({ ...kept, sizes });
      },
      show: (column, shown) => keep({ ...kept, shown: { ...kept.shown, [column]: shown } }),
      reset: () => writePreference(name, null),
    };
  }, [name, text, columns, width, selectable]);
}

function parse(text: string | null): Kept {
  const found = parsed(text);
  return { shown: entriesOf(found, 'shown', isBoolean), sizes: entriesOf(found, 'sizes', isNumber) };
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    // Kept by another version, or edited by hand: begin anew.
    return null;
  }
}

function entriesOf<V>(value: unknown, name: string, fits: (entry: unknown) => entry is V): Record<string, V> {
  const entries: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : null;
  const good: Record<string, V> = {};
  if (typeof entries !== 'object' || entries === null) return good;
  for (const [key, entry] of Object.entries(entries)) if (fits(entry)) good[key] = entry;
  return good;
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}
