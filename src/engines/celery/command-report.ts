import type { CommandedWorker, CommandReport, WorkerCommand } from '../../core/worker-control.js';

/** Sums up what the workers said; who is named first is who matters most. */
export function commandReport(command: WorkerCommand, workers: readonly CommandedWorker[]): CommandReport {
  const named = (wanted: (worker: CommandedWorker) => boolean): string =>
    workers
      .filter(wanted)
      .map(({ worker }) => worker)
      .join(', ');
  const refused = workers.filter(({ answer }) => answer === 'refused');
  const silent = workers.filter(({ answer }) => answer === 'silent');
  if (silent.length === workers.length) {
    const message =
      command.kind === 'shutdown'
        ? `${named(() => true)} has not said goodbye yet.`
        : `No worker has answered: ${named(() => true)}.`;
    return { outcome: 'unacknowledged', message, workers };
  }
  if (refused.length + silent.length === workers.length) {
    const [first] = refused;
    return { outcome: 'refused', message: `${first?.worker} refuses: ${first?.message}.`, workers };
  }
  if (workers.every(({ inEffect }) => inEffect)) {
    return { outcome: 'done', message: `In effect on ${named(() => true)}.`, workers };
  }
  const parts = [
    ['in effect on', named(({ inEffect }) => inEffect)],
    ['acknowledged by', named(({ answer, inEffect }) => answer === 'acknowledged' && !inEffect)],
    ['refused by', named(({ answer }) => answer === 'refused')],
    ['not answered by', named(({ answer }) => answer === 'silent')],
  ].filter(([, names]) => names !== '');
  const message = `${parts.map((part) => part.join(' ')).join('; ')}.`;
  return { outcome: 'accepted', message: message.charAt(0).toUpperCase() + message.slice(1), workers };
}
