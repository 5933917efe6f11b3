import { describe, expect, test } from '@jest/globals';
import { settingsFromEnvironment } from '../../../src/config/environment.js';
import { parseCommandLine } from '../../../src/config/flags.js';
import { loadSettings, validate } from '../../../src/config/load-settings.js';
import { SettingsError } from '../../../src/config/settings-error.js';

function problemsOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof SettingsError) return error.lines;
    throw error;
  }
  return [];
}

describe('the settings', () => {
  test('have defaults for everything', () => {
    expect(validate({})).toMatchObject({
      port: 8000,
      host: '127.0.0.1',
      brokers: [],
      maxTasks: 100_000,
      sample: { enabled: true, rate: 1 },
    });
  });

  test('take brokers as words, with a name and an engine before the URL', () => {
    const { brokers } = validate({
      brokers: ['redis://a:1', 'bull+redis://b:2/3', 'billing=bullmq+rediss://c', 'amqp://d//'],
    });

    expect(brokers).toEqual([
      { url: 'redis://a:1' },
      { url: 'redis://b:2/3', engine: 'bull' },
      { url: 'rediss://c', engine: 'bullmq', name: 'billing' },
      { url: 'amqp://d//' },
    ]);
  });

  test('say where the problem is, what was expected and what was found', () => {
    expect(problemsOf(() => validate({ port: 'eighty', maxTasks: 5, colour: 'blue', log: { level: 'loud' } }))).toEqual(
      [
        'port: expected a number, found "eighty"',
        'log.level: expected one of error, warn, info, debug, found "loud"',
        'maxTasks: expected at least 100, found 5',
        'colour: expected a setting from docs/configuration.md, found an unknown one',
      ],
    );
  });

  test('refuse two brokers that could not be told apart', () => {
    expect(
      problemsOf(() => validate({ brokers: ['a=redis://here', 'b=redis://here', 'a=redis://:hunter2@there'] })),
    ).toEqual(['brokers.2: expected another name than "a", which brokers.0 has, found "a=redis://***@there"']);
    expect(problemsOf(() => validate({ brokers: ['redis://x', 'bull+redis://x', 'redis://x'] }))).toEqual([
      'brokers.2: expected another broker than brokers.0, or a name of its own, found "redis://x"',
    ]);
  });

  test('say of a state what is wrong with how long it is to be kept', () => {
    const keepDaysByState = { FAILURE: 3, DONE: 1, REVOKED: -3, LOST: 'long' };

    expect([...problemsOf(() => validate({ history: { keepDaysByState } }))].sort()).toEqual([
      'history.keepDaysByState.DONE: expected a setting from docs/configuration.md, found an unknown one',
      'history.keepDaysByState.FAILURE: expected a setting from docs/configuration.md, found an unknown one',
      'history.keepDaysByState.LOST: expected a number, found "long"',
      'history.keepDaysByState.REVOKED: expected at least 0, found -3',
    ]);
  });

  test('never show a password in a complaint about a URL', () => {
    const [line] = problemsOf(() => validate({ brokers: [{ url: 'redis://:hunter2@host', engine: 'rabbit' }] }));

    expect(line).toContain('brokers.0.engine: expected one of celery, bull, bullmq, found "rabbit"');
    expect(problemsOf(() => validate({ brokers: ['1234://user:hunter2@host'] })).join()).not.toContain('hunter2');
  });

  test('never show what stands in the place of a hash or a secret, or in JSON that is broken', () => {
    const auth = { users: [{ name: 'ada', role: 'admin', passwordHash: 'hunter2' }] };

    expect(problemsOf(() => validate({ auth }))).toEqual([
      'auth.users.0.passwordHash: expected what taskscope hash-password prints, found something else, which is not shown',
    ]);
    expect(problemsOf(() => validate({ brokers: ['1234://u:hunter2/x@host'] })).join()).not.toContain('hunter2');
    expect(problemsOf(() => settingsFromEnvironment({ TASKSCOPE_BROKERS: '["redis://:hunter2@host"' })).join()).toBe(
      'TASKSCOPE_BROKERS: expected JSON, found 24 characters that are none',
    );
  });

  test('come from variables named after their path', () => {
    const found = settingsFromEnvironment({
      TASKSCOPE_PORT: '9000',
      TASKSCOPE_READ_ONLY: 'yes',
      TASKSCOPE_INSPECTION_MAX_AGE_MS: '250',
      TASKSCOPE_BROKERS: 'redis://a redis://b',
      TASKSCOPE_AUTH_METRICS: 'open',
      TASKSCOPE_AUTH_DOCS: '["10.0.0.0/8"]',
      PATH: '/bin',
    });

    expect(found).toEqual({
      port: 9000,
      readOnly: true,
      inspection: { maxAgeMs: 250 },
      brokers: ['redis://a', 'redis://b'],
      auth: { metrics: 'open', docs: ['10.0.0.0/8'] },
    });
  });

  test('refuse an unknown TASKSCOPE_ variable', () => {
    expect(problemsOf(() => settingsFromEnvironment({ TASKSCOPE_PROT: '9000' }))).toEqual([
      'TASKSCOPE_PROT: expected one of the variables in docs/configuration.md, found an unknown one',
    ]);
  });

  test('let flags win over variables', () => {
    const settings = loadSettings(parseCommandLine(['--port', '1234', '--no-sample', 'redis://x']), {
      TASKSCOPE_PORT: '1',
      TASKSCOPE_HOST: '::1',
    });

    expect(settings).toMatchObject({
      port: 1234,
      host: '::1',
      sample: { enabled: false },
      brokers: [{ url: 'redis://x' }],
    });
  });

  test('refuse an unknown flag', () => {
    expect(problemsOf(() => parseCommandLine(['--prot', '1'])).join()).toMatch(
      /--help shows, found: Unknown option '--prot'/,
    );
  });
});
