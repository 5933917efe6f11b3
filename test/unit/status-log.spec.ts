import { describe, expect, test } from '@jest/globals';
import type { Source, SourceStatus } from '../../src/core/source.js';
import { statusLog } from '../../src/status-log.js';

const billing: Source = { name: 'billing', engine: 'bull', location: 'redis://here:6379' };
const up: SourceStatus = { connection: 'connected', since: 1, lastAnswerAt: 1, problem: null };
const away: SourceStatus = { connection: 'disconnected', since: 2, lastAnswerAt: 1, problem: 'no connection to Redis' };

function heard(...statuses: readonly SourceStatus[]): readonly string[] {
  const lines: string[] = [];
  const tell = statusLog({
    log: (line: string) => lines.push(`log ${line}`),
    warn: (line: string) => lines.push(`warn ${line}`),
  });
  for (const status of statuses) tell(billing, status);
  return lines;
}

describe('The log of what stands between us and a source', () => {
  test('has one line when it is lost, however often it is told, and one when it is back', () => {
    expect(heard(up, away, { ...away, denied: ['workers (CLIENT LIST)'] }, away, up)).toEqual([
      'log source "billing": connected to redis://here:6379',
      'warn source "billing": no connection to Redis',
      'log source "billing": connected to redis://here:6379',
    ]);
  });

  test('has a new line for a new reason', () => {
    expect(heard(away, { ...away, problem: 'Redis refuses the user name or password' })).toEqual([
      'warn source "billing": no connection to Redis',
      'warn source "billing": Redis refuses the user name or password',
    ]);
  });
});
