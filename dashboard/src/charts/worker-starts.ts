import type { Worker } from '../api/model.js';
import { counted } from '../format/numbers.js';
import type { Marker } from './chart-data.js';

/** Starts as close to one another as this are one change: a deployment starts its workers together. */
const TOGETHER_SECONDS = 60;

/** When workers were started, told by which software where it is known: as near to a deployment as a broker can tell. The latest first. */
export function workerStarts(workers: readonly Worker[]): readonly Marker[] {
  const started = workers
    .flatMap((worker) => (worker.started_at === null ? [] : [{ worker, at: Date.parse(worker.started_at) / 1_000 }]))
    .sort((a, b) => b.at - a.at);
  const groups: { at: number; readonly workers: Worker[] }[] = [];
  for (const { worker, at } of started) {
    const group = groups.at(-1);
    if (group !== undefined && group.at - at < TOGETHER_SECONDS) {
      group.workers.push(worker);
      group.at = at;
    } else groups.push({ at, workers: [worker] });
  }
  return groups.map((group) => ({ at: group.at, words: wordsOf(group.workers) }));
}

function wordsOf(workers: readonly Worker[]): string {
  // One process that serves several sources is one.
  const names = [...new Set(workers.map(({ name }) => name))];
  const software = [...new Set(workers.flatMap(({ software }) => (software === null ? [] : [software])))];
  const who = names.length === 1 ? `Worker ${names[0]}` : counted(names.length, 'worker');
  return `${who} started${software.length === 0 ? '' : `, ${software.join(' and ')}`}`;
}
