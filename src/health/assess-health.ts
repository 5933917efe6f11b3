import type { SourceStatus } from '../core/source.js';
import { isUp, type Worker } from '../core/worker.js';
import type { HistoryCondition } from '../history/history-health.js';
import type { SourceView } from '../queue-inspector/source-view.js';
import type { UnresolvedBroker } from '../queue-inspector/unresolved-broker.js';
import { HealthDto, type HealthStatus } from './health.dto.js';

export interface HealthFacts {
  readonly views: readonly SourceView[];
  /** Configured brokers of which it is not yet known what lives there. */
  readonly unresolved: readonly UnresolvedBroker[];
  readonly workers: readonly Worker[];
  readonly history: HistoryCondition;
  readonly timestamp: string;
}

/**
 * unhealthy: no broker is connected. degraded: one of several is not, the latest look at one failed, no worker is up, a worker is
 * stalled, or the history cannot be written. A worker that has gone does not count while others are up: that is what every deployment looks like.
 */
export function assessHealth({ views, unresolved, workers, history, timestamp }: HealthFacts): HealthDto {
  const links = [...views, ...unresolved].map((link) => link.status.connection === 'connected');
  const up = workers.filter((worker) => isUp(worker.status)).length;
  const found = { workers: up, broker_connected: links.length > 0 && links.every(Boolean), timestamp };
  const say = (status: HealthStatus, message: string): HealthDto => new HealthDto({ ...found, status, message });

  if (links.length === 0) return say('unhealthy', 'No source is configured.');
  const troubles = [...views.map(troubleOfSource), ...unresolved.map(troubleOfBroker)].filter(
    (trouble) => trouble !== null,
  );
  if (!links.some(Boolean)) return say('unhealthy', troubles.join(' '));

  const stalled = workers.filter((worker) => worker.status === 'stalled').map((worker) => worker.name);
  if (stalled.length > 0) troubles.push(`Stalled, alive but consuming nothing: ${listed(stalled)}.`);
  if (up === 0) troubles.push('No worker is up.');
  if (history.state === 'degraded')
    troubles.push(`The history cannot be written: ${sentence(history.problem ?? 'unknown')}`);
  return troubles.length === 0 ? say('healthy', 'All systems operational') : say('degraded', troubles.join(' '));
}

function troubleOfSource({ source, status, problem }: SourceView): string | null {
  if (status.connection !== 'connected') return notConnected(`Source "${source.name}"`, status, problem);
  return problem === null ? null : `The latest look at source "${source.name}" failed: ${sentence(problem)}`;
}

function troubleOfBroker({ location, status }: UnresolvedBroker): string {
  return status.connection === 'connected'
    ? `Nothing of Celery, Bull or BullMQ is at ${location} yet.`
    : notConnected(`The broker ${location}`, status, null);
}

function notConnected(what: string, status: SourceStatus, problem: string | null): string {
  return `${what} is ${status.connection}: ${sentence(status.problem ?? problem ?? 'it has not answered yet')}`;
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
