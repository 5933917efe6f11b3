import { parseCommandLine } from '../config/flags.js';
import { loadSettings } from '../config/load-settings.js';
import { checkBroker, type SourceReport } from './check-source.js';
import { type Command, EXIT, type Terminal } from './command.js';
import { flagTable } from './options.js';
import { oneLine, painter } from './printing.js';

export const check: Command = {
  help: () =>
    [
      'Usage: taskscope check [flags] [[NAME=][ENGINE+]URL …]',
      '',
      'Takes the settings that serve takes, starts nothing, and says what will work and what will not: the settings, each connection, what the',
      'access rules of Redis deny, and the least that has to be granted.',
      '',
      flagTable([
        ['--json', 'one JSON object a line, one for each source'],
        ['--config FILE', 'and every other flag of serve'],
      ]),
      '',
      'Exit code 0: all will work. 3: something will not. 2: the settings cannot be used.',
    ].join('\n'),
  run: async (words, terminal) => {
    const json = words.includes('--json');
    const commandLine = parseCommandLine(words.filter((word) => word !== '--json'));
    const settings = loadSettings(commandLine, terminal.environment);
    if (!json)
      terminal.print(
        `settings  ok, ${settings.brokers.length} ${settings.brokers.length === 1 ? 'broker' : 'brokers'}`,
      );
    if (settings.brokers.length === 0 && !json)
      terminal.print('No broker is named: the service would start a Redis of its own, with a sample workload.');
    const level = settings.readOnly ? 'watch' : 'operate';
    const reports = await Promise.all(
      settings.brokers.map((broker) => checkBroker(broker, { deadlineMs: settings.inspection.deadlineMs, level })),
    );
    for (const report of reports.flat()) {
      if (json) terminal.print(JSON.stringify(report));
      else show(report, terminal);
    }
    return reports.flat().every(isGood) ? EXIT.done : EXIT.negative;
  },
};

/** A broker where nothing lives yet will do. */
function isGood({ connected, fails, engine, problem }: SourceReport): boolean {
  return connected && fails.length === 0 && (problem === null || engine === null);
}

function show(report: SourceReport, terminal: Terminal): void {
  const paint = painter(terminal);
  const [good, bad] = [paint('green', 'ok  '), paint('red', 'NO  ')];
  terminal.print('');
  terminal.print(paint('bold', `${report.engine ?? 'unknown'}  ${oneLine(report.location)}`));
  const counts = report.queues === null ? '' : `: ${report.queues} queues, ${report.workers} workers`;
  const problem = report.problem === null ? null : oneLine(report.problem);
  if (report.connected) terminal.print(`  ${good}connected${counts}${problem === null ? '' : `: ${problem}`}`);
  else terminal.print(`  ${bad}${problem ?? 'no connection'}`);
  for (const feature of report.works) terminal.print(`  ${good}${feature}`);
  for (const { feature, denied } of report.fails)
    terminal.print(`  ${bad}${feature}${denied.length === 0 ? '' : `: denied ${denied.join(', ')}`}`);
  if (report.grants === null) return;
  const { watch, operate } = report.grants;
  terminal.print(`  least access to watch${watch === operate ? ' and to operate' : ''}:`);
  terminal.print(`    ${watch}`);
  if (watch === operate) return;
  terminal.print('  and to operate:');
  terminal.print(`    ${operate}`);
}
