import type { Logger } from '@nestjs/common';
import type { Source, SourceStatus } from './core/source.js';

/** One line per change of what stands between us and a source; that a feature is denied has a line of its own. */
export function statusLog(log: Pick<Logger, 'log' | 'warn'>): (source: Source, status: SourceStatus) => void {
  const said = new Map<string, string>();
  return ({ name, location }, { connection, problem }) => {
    if (connection === 'connecting') return;
    const line = `source "${name}": ${connection === 'connected' ? `connected to ${location}` : (problem ?? 'disconnected')}`;
    if (said.get(name) === line) return;
    said.set(name, line);
    if (connection === 'connected') log.log(line);
    else log.warn(line);
  };
}
