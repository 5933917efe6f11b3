import type { Bar } from './bars.js';

export const ROW = 16;
const LABEL = 22;
/** Beyond these, bars of one worker are drawn over each other. */
const MOST_ROWS = 32;

export interface Lane {
  readonly name: string;
  /** Pixels from the top of all. */
  readonly top: number;
  readonly height: number;
  /** By row, each in the order of time. */
  readonly rows: readonly (readonly Bar[])[];
}

export interface Layout {
  readonly lanes: readonly Lane[];
  readonly height: number;
}

/** Puts bars into rows of their worker's lane, so that those that ran at the same time lie below each other. */
export function layoutOf(bars: readonly Bar[]): Layout {
  const byLane = new Map<string, Bar[]>();
  for (const bar of bars) {
    const known = byLane.get(bar.lane);
    if (known === undefined) byLane.set(bar.lane, [bar]);
    else known.push(bar);
  }
  const lanes: Lane[] = [];
  let top = 0;
  for (const [name, own] of [...byLane].sort(([a], [b]) => a.localeCompare(b))) {
    const rows = rowsOf(own.sort((a, b) => a.from - b.from || a.id.localeCompare(b.id)));
    const height = LABEL + rows.length * ROW + 8;
    lanes.push({ name, top, height, rows });
    top += height;
  }
  return { lanes, height: top };
}

function rowsOf(bars: readonly Bar[]): readonly (readonly Bar[])[] {
  const rows: Bar[][] = [];
  const ends: number[] = [];
  for (const bar of bars) {
    const free = ends.findIndex((end) => end <= bar.from);
    const row = free !== -1 ? free : Math.min(rows.length, MOST_ROWS - 1);
    const known = rows[row];
    if (known === undefined) rows.push([bar]);
    else known.push(bar);
    ends[row] = bar.to ?? Number.POSITIVE_INFINITY;
  }
  return rows;
}

/** Of a row in a lane, pixels from the top of all. */
export function topOf(lane: Lane, row: number): number {
  return lane.top + LABEL + row * ROW;
}

/** The bar at a moment and height; the nearest within `slack` milliseconds where several are too small to be hit. */
export function barAt(layout: Layout, at: number, y: number, slack: number, now: number): Bar | null {
  const lane = layout.lanes.find(({ top, height }) => y >= top && y < top + height);
  if (lane === undefined) return null;
  const row = Math.floor((y - lane.top - LABEL) / ROW);
  let best: Bar | null = null;
  let least = slack;
  for (const bar of lane.rows[row] ?? []) {
    if (bar.from - slack > at) break;
    const distance = Math.max(bar.from - at, at - (bar.to ?? now), 0);
    if (distance <= least) {
      best = bar;
      least = distance;
    }
  }
  return best;
}

/** All bars in the order of reading: worker by worker, as time goes. */
export function inOrder(layout: Layout): readonly Bar[] {
  return layout.lanes.flatMap(({ rows }) => rows.flat().sort((a, b) => a.from - b.from));
}
