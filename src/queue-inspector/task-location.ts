import type { SourceMonitor } from './source-monitor.js';

/** Where a task is. */
export interface TaskLocation {
  readonly monitor: SourceMonitor;
  /** The full id. */
  readonly id: string;
  readonly connected: boolean;
}
