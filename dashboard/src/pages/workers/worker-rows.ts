import type { SortingState } from '@tanstack/react-table';
import type { Worker } from '../../api/model.js';

export const GROUPINGS = ['host', 'source', 'none'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface GroupRow {
  readonly kind: 'group';
  readonly key: string;
  readonly name: string;
  readonly open: boolean;
  readonly workers: readonly Worker[];
}

interface WorkerRow {
  readonly kind: 'worker';
  readonly key: string;
  readonly worker: Worker;
}

export type Row = GroupRow | WorkerRow;

export type SortValue = (worker: Worker) => number | string | null;

interface Asked {
  readonly grouping: Grouping;
  /** Keys of groups that the reader has folded. */
  readonly folded: ReadonlySet<string>;
  readonly sort: SortingState;
  readonly sortValueOf: (column: string) => SortValue | undefined;
}

export function keyOf(worker: Worker): string {
  return `${worker.source} ${worker.name}`;
}

/** Workers under the line of their group: sorted within it, the groups by name. */
export function rowsOf(workers: readonly Worker[], asked: Asked): readonly Row[] {
  const sorted = sortedBy(workers, asked);
  if (asked.grouping === 'none') return sorted.map(rowOf);
  const groups = new Map<string, Worker[]>();
  for (const worker of sorted) {
    const name = groupOf(worker, asked.grouping);
    const known = groups.get(name);
    if (known === undefined) groups.set(name, [worker]);
    else known.push(worker);
  }
  return [...groups]
    .sort(([a], [b]) => a.localeCompare(b))
    .flatMap(([name, members]): Row[] => {
      const key = `group ${name}`;
      const open = !asked.folded.has(key);
      return [{ kind: 'group', key, name, open, workers: members }, ...(open ? members.map(rowOf) : [])];
    });
}

function rowOf(worker: Worker): Row {
  return { kind: 'worker', key: keyOf(worker), worker };
}

function groupOf(worker: Worker, grouping: Grouping): string {
  if (grouping === 'source') return `${worker.source} (${worker.engine})`;
  return worker.host ?? 'host unknown';
}

function sortedBy(workers: readonly Worker[], { sort, sortValueOf }: Asked): readonly Worker[] {
  const [first] = sort;
  const value = first === undefined ? undefined : sortValueOf(first.id);
  if (first === undefined || value === undefined) return workers;
  const sign = first.desc ? -1 : 1;
  return [...workers].sort((a, b) => compared(value(a), value(b), sign) || a.name.localeCompare(b.name));
}

/** What is unknown comes last, whichever way. */
function compared(a: number | string | null, b: number | string | null, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
  return sign * String(a).localeCompare(String(b));
}

/** Their sum; null where one of them cannot be known. */
export function sum(values: readonly (number | null)[]): number | null {
  let total = 0;
  for (const value of values) {
    if (value === null) return null;
    total += value;
  }
  return total;
}
