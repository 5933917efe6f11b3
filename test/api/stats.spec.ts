import { afterEach, describe, expect, test } from '@jest/globals';
import type { SeriesRow } from '../../src/core/series.js';
import { taskEvent } from '../../src/core/task-event.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const API = '/api/v1/celery';
const MINUTE = 60_000;
const NOON_S = NOON / 1000;

let api: ApiApp;
afterEach(() => api.close());

/** The two minutes before NOON were watched, but for the last ten seconds, which are not over. */
function rows(): readonly SeriesRow[] {
  const tasks = {
    sent: 4,
    started: 4,
    success: 3,
    failure: 1,
    retry: 0,
    revoked: 0,
    rejected: 0,
    run: [49, 4],
    wait: [],
  };
  const nothing = { ...tasks, sent: 0, started: 0, success: 0, failure: 0, run: [] };
  return Array.from({ length: 11 }, (_, at) => NOON_S - 120 + at * 10).flatMap((at): SeriesRow[] => {
    const base = { step: 10, source: 'bull', at } as const;
    const busy = at < NOON_S - 60;
    return [
      { ...base, kind: 'source', key: '', figures: { samples: 1, first: 2, second: null, third: 8, greatest: null } },
      ...(busy ? [{ ...base, kind: 'all', key: '', figures: tasks } as const] : []),
      { ...base, kind: 'name', key: 'mail', figures: nothing },
      { ...base, kind: 'depth', key: 'mail', figures: { samples: 1, first: 10, second: 1, third: null, greatest: 7 } },
      { ...base, kind: 'depth', key: 'slow', figures: { samples: 1, first: 5, second: 1, third: null, greatest: 90 } },
    ];
  });
}

const series = {
  series: async ({ kind, key, from, to }: { kind: string; key: string | null; from: number; to: number }) =>
    rows().filter((row) => row.kind === kind && (key === null || row.key === key) && row.at >= from && row.at < to),
};

describe('GET /api/v1/celery/stats/timeseries', () => {
  test('gives one value for each step: what happened, 0 where nothing did, null where nobody looked', async () => {
    api = await startApiApp([new FakeEngine()], { history: { series } });

    const { status, body } = await api.request.get(
      `${API}/stats/timeseries?metric=finished,failure_ratio,run_p50,queue_length,queue_oldest,workers_up,workers_busy&from=3m&step=60`,
    );

    expect(status).toBe(200);
    expect(body).toEqual({
      from: '2026-01-02T10:27:00.000Z',
      to: '2026-01-02T10:30:00.000Z',
      step_seconds: 60,
      series: [
        { metric: 'finished', unit: 'per second', values: [null, 0.4, 0] },
        { metric: 'failure_ratio', unit: 'ratio', values: [null, 0.25, null] },
        { metric: 'run_p50', unit: 'seconds', values: [null, expect.closeTo(0.00102, 4), null] },
        { metric: 'queue_length', unit: 'count', values: [null, 15, 15] },
        { metric: 'queue_oldest', unit: 'seconds', values: [null, 90, 90] },
        { metric: 'workers_up', unit: 'count', values: [null, 2, 2] },
        { metric: 'workers_busy', unit: 'count', values: [null, null, null] },
      ],
      gaps: [],
    });
  });

  test('narrows to a queue or a name, and tells the gaps of that time', async () => {
    const engine = new FakeEngine();
    api = await startApiApp([engine], { history: { series } });
    const gap = { kind: 'gap', queue: null, reason: 'down', missed: null, exactness: 'unknown' } as const;
    engine.emit(
      { ...gap, from: NOON - 90 * MINUTE, to: NOON - 80 * MINUTE },
      { ...gap, from: NOON - MINUTE, to: NOON },
    );

    const { body } = await api.request.get(`${API}/stats/timeseries?metric=queue_length&queue=slow&from=1m&step=10`);
    const named = await api.request.get(`${API}/stats/timeseries?metric=sent&name=mail&from=1m&step=60`);

    expect(body.series[0].values).toEqual([5, 5, 5, 5, 5, null]);
    expect(body.gaps).toMatchObject([{ source: 'bull', number: 2, reason: 'down' }]);
    expect(named.body.series[0].values).toEqual([0]);
  });

  test.each([
    ['', 3600, 10],
    ['from=24h', 86_400, 300],
    ['from=30d', 30 * 86_400, 10_800],
    ['from=1h&step=11', 3600, 30],
  ])('chooses a step that fits %p', async (query, length, step) => {
    api = await startApiApp([new FakeEngine()], { history: { series } });

    const { body } = await api.request.get(`${API}/stats/timeseries?${query}`);

    expect(body.step_seconds).toBe(step);
    const seconds = (Date.parse(body.to) - Date.parse(body.from)) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(length);
    expect(body.series[0].values).toHaveLength(seconds / step);
  });

  test.each([
    ['metric=speed', /^metric: expected one or more of sent, .*, found "speed"$/],
    ['metric=constructor', /^metric: expected one or more of/],
    ['from=never', /^from: expected an ISO 8601 time/],
    ['from=1h&to=2h', /^from: expected a time before `to`/],
    ['from=5h&step=10&to=2020-01-01', /^from: expected a time before/],
    ['from=2026-01-01&step=60&to=2026-01-02', /^$/],
    ['name=a&queue=b', /^queue: expected no queue beside a name, found "b"$/],
    ['step=-1', /^step: expected a whole number/],
  ])('checks %s', async (query, detail) => {
    api = await startApiApp([new FakeEngine()], { history: { series } });

    const { status, body } = await api.request.get(`${API}/stats/timeseries?${query}`);

    expect(status === 200 ? '' : body.detail).toMatch(detail);
  });

  test('names an unknown source as such', async () => {
    api = await startApiApp([new FakeEngine()], { history: { series } });

    expect((await api.request.get(`${API}/stats/timeseries?source=nope`)).status).toBe(404);
  });
});

describe('GET /api/v1/celery/failures', () => {
  test('groups failed tasks by cause', async () => {
    const engine = new FakeEngine();
    api = await startApiApp([engine]);
    for (let at = 1; at <= 3; at += 1) {
      const said = { name: 'mail', queue: 'mail', worker: 'w1', occurrence: 1 };
      engine.emit(
        taskEvent('task-failed', `mail:${at}`, NOON - at * 60 * MINUTE, {
          ...said,
          error: { type: 'ValueError', message: at === 3 ? 'other' : `row ${at} is bad` },
        }),
      );
    }

    const { status, body } = await api.request.get(`${API}/failures?limit=1`);

    expect(status).toBe(200);
    expect(body).toMatchObject({ failures: 3, causes: 2, complete: true });
    expect(body.items).toEqual([
      {
        signature: expect.stringMatching(/^[0-9a-f]{16}$/),
        type: 'ValueError',
        message: 'row <n> is bad',
        count: 2,
        first_seen: '2026-01-02T08:30:00.000Z',
        last_seen: '2026-01-02T09:30:00.000Z',
        trend: expect.any(Array),
        names: [{ name: 'mail', count: 2 }],
        workers: [{ name: 'w1', count: 2 }],
        sample: { source: 'bull', task_id: 'mail:1', message: 'row 1 is bad' },
      },
    ]);
    expect(body.items[0].trend).toHaveLength(24);
    expect(body.items[0].trend.reduce((sum: number, count: number) => sum + count, 0)).toBe(2);
    expect((await api.request.get(`${API}/failures?since=90m`)).body.failures).toBe(1);
    expect((await api.request.get(`${API}/failures?queue=other`)).body.items).toEqual([]);
  });
});

describe('GET /api/v1/celery/tasks/suggestions', () => {
  test('completes what is typed', async () => {
    const engine = new FakeEngine();
    api = await startApiApp([engine]);
    for (const name of ['app.train', 'app.mail', 'trainer']) {
      engine.emit(taskEvent('task-sent', name, NOON, { name, queue: 'q1' }));
    }

    expect((await api.request.get(`${API}/tasks/suggestions?field=name&prefix=tra`)).body).toEqual({
      field: 'name',
      items: ['trainer', 'app.train'],
    });
    expect((await api.request.get(`${API}/tasks/suggestions?field=queue`)).body.items).toEqual(['q1']);
    expect((await api.request.get(`${API}/tasks/suggestions?field=speed`)).status).toBe(400);
  });
});
