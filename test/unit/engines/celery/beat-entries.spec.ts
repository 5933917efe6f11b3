import { describe, expect, test } from '@jest/globals';
import { beatEntries } from '../../../../src/engines/celery/beat-entries.js';
import { BeatSchedule } from '../../../../src/engines/celery/beat-schedule.js';

const entriesOf = (schedule: unknown, conf: object = {}) =>
  beatEntries({ ...conf, beat_schedule: { one: { task: 'app.one', schedule } } });

describe('an entry of the configuration of beat', () => {
  test.each([
    [2.5, { everyMs: 2500 }],
    [30, { everyMs: 30_000 }],
    ['0:00:01.500000', { everyMs: 1500 }],
    ['1 day, 0:00:30', { everyMs: 86_430_000 }],
    ['<crontab: */5 3,4 mon-fri * * (m/h/d/dM/MY)>', { cron: '*/5 3,4 * * mon-fri' }],
    ['<crontab: */5 3,4 * * mon-fri (m/h/dM/MY/d)>', { cron: '*/5 3,4 * * mon-fri' }],
    ['<freq: 1.50 minutes>', { told: '<freq: 1.50 minutes>' }],
    ['<crontab: {0, 30} * * * * (m/h/dM/MY/d)>', { told: '<crontab: {0, 30} * * * * (m/h/dM/MY/d)>' }],
    [-1, {}],
    [{ every: 5 }, {}],
  ])('that repeats by %j is read as %j, and nothing is made of what is not told', (schedule, rhythm) => {
    expect(entriesOf(schedule)).toEqual([
      expect.objectContaining({ key: 'one', task: 'app.one', cron: null, everyMs: null, told: null, ...rhythm }),
    ]);
  });

  test.each([
    [{}, 'UTC'],
    [{ timezone: 'Europe/Berlin' }, 'Europe/Berlin'],
    [{ enable_utc: false }, null],
    [{ timezone: { zone: 1 } }, null],
  ])('is meant, with the settings %j, in the zone %s', (conf, zone) => {
    expect(entriesOf('<crontab: 0 3 * * * (m/h/dM/MY/d)>', conf)[0]?.timeZone).toBe(zone);
  });

  test.each([null, [], 'x', { beat_schedule: [] }, { beat_schedule: { a: 1, b: {}, c: { task: 5 } } }])(
    'is none in %j',
    (conf) => {
      expect(beatEntries(conf)).toEqual([]);
    },
  );
});

describe('what beat would send', () => {
  const NOW = Date.parse('2026-01-02T10:30:00Z'); // a Friday
  const nextOf = (cron: string, conf: object = {}) =>
    new BeatSchedule().of([entriesOf(`<crontab: ${cron} (m/h/dM/MY/d)>`, conf)], NOW)[0]?.nextAt ?? null;

  test.each([
    ['30 3 * * mon-fri', {}, '2026-01-05T03:30:00Z'],
    ['0 12 * * *', { timezone: 'Europe/Berlin' }, '2026-01-02T11:00:00Z'],
  ])('by %s with %j is next due when the calendar says', (cron, conf, at) => {
    expect(nextOf(cron, conf)).toBe(Date.parse(at));
  });

  test('is not computed where Celery means another time than cron, the date never comes, or the zone is none', () => {
    expect(nextOf('0 0 1-7 * mon')).toBeNull();
    expect(nextOf('0 0 31 2 *')).toBeNull();
    expect(nextOf('0 0 * * *', { timezone: 'Mars/Olympus' })).toBeNull();
    expect(nextOf('0 0 * * *', { enable_utc: false })).toBeNull();
  });

  test('is one however many workers tell it, and two where two applications use one key', () => {
    const other = [{ ...entriesOf(5)[0], task: 'other.one' }].flatMap((entry) => {
      const [first] = entriesOf(5);
      return first === undefined ? [] : [{ ...first, ...entry }];
    });

    const found = new BeatSchedule().of([entriesOf(5), entriesOf(5), other], NOW);

    expect(found.map(({ id, name }) => [id, name])).toEqual([
      ['one', 'app.one'],
      ['one (other.one)', 'other.one'],
    ]);
  });
});
