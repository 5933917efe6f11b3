import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { taskEvent } from '../../src/core/task-event.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const EVENTS = '/api/v1/celery/events';

describe('GET /events', () => {
  const engine = new FakeEngine({ name: 'main' });
  let api: ApiApp;

  /** Opens the stream, does something, and reads until `enough` has been seen. */
  const reading = async (query: string, act: () => void, enough: (text: string) => boolean): Promise<string> => {
    const ending = new AbortController();
    const response = await fetch(`${api.baseUrl}${EVENTS}${query}`, { signal: ending.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const decoder = new TextDecoder();
    let text = '';
    let acted = false;
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (!acted) act();
      acted = true;
      if (enough(text)) break;
    }
    ending.abort();
    return text;
  };
  const dataOf = (text: string): readonly unknown[] =>
    [...text.matchAll(/^data: (.+)$/gm)].map(([, data = '']): unknown => JSON.parse(data));

  beforeAll(async () => {
    api = await startApiApp([engine]);
  });
  afterAll(() => api.close());

  test('tells what becomes known about tasks, each thing once', async () => {
    const started = taskEvent('task-started', 'q:1', NOON, { name: 'app.train', occurrence: 1, worker: 'w1' });
    const error = { type: 'ValueError', message: 'no\nway' };
    const failed = taskEvent('task-failed', 'q:1', NOON + 1500, {
      name: 'app.train',
      occurrence: 1,
      runtimeMs: 1500,
      error,
    });

    const text = await reading(
      '',
      () => engine.emit(started, started, failed),
      (all) => all.includes('"failure"'),
    );

    expect(dataOf(text)).toEqual([
      expect.objectContaining({
        event: 'started',
        task_id: 'q:1',
        worker: 'w1',
        source: 'main',
        runtime_seconds: null,
      }),
      expect.objectContaining({ event: 'failure', state: 'FAILURE', runtime_seconds: 1.5, error }),
    ]);
  });

  test('leaves out what was not asked for', async () => {
    const named = (id: string, name: string) => taskEvent('task-sent', id, NOON, { name, queue: 'q', occurrence: 1 });
    const act = () => engine.emit(named('q:2', 'other'), named('q:3', 'app.a'), named('q:4', 'app.b'));

    const text = await reading('?name=app.*&queue=q', act, (all) => all.includes('q:4'));

    expect(dataOf(text)).toEqual([
      expect.objectContaining({ task_id: 'q:3' }),
      expect.objectContaining({ task_id: 'q:4' }),
    ]);
  });

  test('says how many events it has left out rather than hold them', async () => {
    const flood = Array.from({ length: 1500 }, (_, at) => taskEvent('task-sent', `q:f${at}`, NOON, { occurrence: 1 }));

    const text = await reading(
      '',
      () => engine.emit(...flood),
      (all) => all.includes('dropped'),
    );

    expect(text).toContain('event: dropped\ndata: {"dropped":500}');
  });

  test('names an unknown source', async () => {
    const { status, body } = await api.request.get(`${EVENTS}?source=nobody`);

    expect({ status, detail: body.detail }).toEqual({ status: 404, detail: expect.stringContaining('nobody') });
  });

  test('has room for a bounded number of readers, and for another as soon as one has left', async () => {
    const ending = new AbortController();
    const open = () => fetch(`${api.baseUrl}${EVENTS}`, { signal: ending.signal });
    const answers = await Promise.all(Array.from({ length: 25 }, open));
    const full = answers.filter(({ status }) => status === 503).length;
    ending.abort();

    expect(full).toBeGreaterThanOrEqual(5);
  });
});
