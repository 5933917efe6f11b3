import { brokenAt } from '../auth/audit-chain.js';
import { FileAuditLog } from '../auth/file-audit-log.js';
import { parseCommandLine } from '../config/flags.js';
import { loadSettings } from '../config/load-settings.js';
import { type Command, EXIT } from './command.js';
import { flagTable, parseOptions } from './options.js';

const OPTIONS = { config: { type: 'string' }, data: { type: 'string' }, json: { type: 'boolean' } } as const;

export const audit: Command = {
  help: () =>
    [
      'Usage: taskscope audit [flags]',
      '',
      "Checks that nobody has changed or taken out a record of the audit in the service's data folder.",
      '',
      flagTable([
        ['--json', 'one JSON object: records, and broken_at, the number of the first that does not follow'],
        ['--data DIR', "the service's data folder (as in the settings)"],
        ['--config FILE', 'settings file (taskscope.yaml, if there is one)'],
      ]),
      '',
      'Exit code 3: the chain is broken, and the first record is named that does not follow from the one before.',
    ].join('\n'),
  run: async (words, terminal) => {
    const { config, data, json } = parseOptions(words, OPTIONS).values;
    const given = [
      ...(config === undefined ? [] : ['--config', config]),
      ...(data === undefined ? [] : ['--data', data]),
    ];
    const settings = loadSettings(parseCommandLine(given), terminal.environment);
    const records = await new FileAuditLog(settings.data, terminal.complain).all();
    const broken = brokenAt(records);
    const sentence =
      broken === null ? `${records.length} records, the chain holds` : `the chain is broken at record ${broken}`;
    terminal.print(json === true ? JSON.stringify({ records: records.length, broken_at: broken }) : sentence);
    return broken === null ? EXIT.done : EXIT.negative;
  },
};
