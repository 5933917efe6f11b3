import { afterEach, describe, expect, test } from '@jest/globals';
import { withinScope } from '../../src/core/scope.js';
import { taskEvent } from '../../src/core/task-event.js';
import { LiveFeed } from '../../src/live/live-feed.js';
import { LiveFeeds } from '../../src/live/live-feeds.js';
import { type ApiApp, FixedClock, startApiApp } from '../support/api-app.js';
import { aQueue, NOON } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { FakeEngine } from '../support/fake-engine.js';

const LIVE = '/api/v1/celery/live';

interface Tick {
  readonly id: string;
  readonly reset: boolean;
  readonly changed: readonly string[];
  readonly tasks: readonly { readonly task_id: string; readonly state: string }[];
  readonly tasks_left_out: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly sources: readonly object[];
}

/** An open stream and the ticks it has brought so far. */
class Listening {
  readonly ticks: Tick[] = [];
  readonly #ending = new AbortController();

  async open(api: ApiApp, lastId?: string): Promise<this> {
    const headers: Record<string, string> = lastId === undefined ? {} : { 'Last-Event-ID': lastId };
    const response = await fetch(api.baseUrl + LIVE, { headers, signal: this.#ending.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    void this.#read(response);
    return this;
  }

  /** The first tick that fits, also of those that have come already. */
  async tick(fits: (tick: Tick) => boolean): Promise<Tick> {
    return eventually(
      () => {
        const found = this.ticks.find(fits);
        if (found === undefined) throw new Error(`no such tick among ${JSON.stringify(this.ticks)}`);
        return found;
      },
      { within: 15_000 },
    );
  }

  close(): void {
    this.#ending.abort();
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        const ends = text.lastIndexOf('\n\n');
        if (ends === -1) continue;
        for (const [, data = ''] of text.slice(0, ends).matchAll(/^data: (.+)$/gm)) this.ticks.push(JSON.parse(data));
        text = text.slice(ends);
      }
    } catch (error) {
      // Closed by us.
      if (!this.#ending.signal.aborted) throw error;
    }
  }
}

describe('GET /api/v1/celery/live', () => {
  let api: ApiApp | undefined;
  const open: Listening[] = [];

  afterEach(async () => {
    for (const listening of open.splice(0)) listening.close();
    await api?.close();
  });

  const started = async (engine: FakeEngine): Promise<(lastId?: string) => Promise<Listening>> => {
    const app = await startApiApp([engine]);
    api = app;
    return async (lastId) => {
      const listening = new Listening();
      open.push(listening);
      return listening.open(app, lastId);
    };
  };

  test('begins with a tick that says to ask for everything, then tells what happens to tasks', async () => {
    const engine = new FakeEngine({ name: 'main' });
    const listen = await started(engine);
    const listening = await listen();
    const first = await listening.tick(() => true);

    engine.emit(
      taskEvent('task-started', 'q:1', NOON, { name: 'a', occurrence: 1 }),
      taskEvent('task-succeeded', 'q:1', NOON + 5, { name: 'a', occurrence: 1, runtimeMs: 5 }),
    );
    const told = await listening.tick(({ tasks }) => tasks.length > 0);

    expect(first).toMatchObject({
      reset: true,
      changed: ['tasks', 'workers', 'queues', 'schedules', 'sources'],
      tasks: [],
    });
    expect(first.sources).toEqual([expect.objectContaining({ source: 'main', connection: 'connected' })]);
    expect(told).toMatchObject({ reset: false, tasks_left_out: 0 });
    expect(told.changed).toContain('tasks');
    expect(told.tasks).toEqual([expect.objectContaining({ task_id: 'q:1', state: 'SUCCESS', source: 'main' })]);
    expect(told.counts).toMatchObject({ started: 1, success: 1, failure: 0 });
  }, 30_000);

  test('names what else would be answered differently, and says how old the data is where nothing would', async () => {
    const engine = new FakeEngine();
    const listen = await started(engine);
    const listening = await listen();
    await listening.tick(({ reset, changed }) => !reset && changed.length === 0);
    listening.ticks.length = 0;

    engine.setSnapshot({ queues: [aQueue({ length: 3 })] });
    const told = await listening.tick(({ changed }) => changed.includes('queues'));

    expect(told.changed).toEqual(['queues']);
    expect(told.sources).toEqual([expect.objectContaining({ as_of: new Date(NOON).toISOString() })]);
  }, 30_000);

  test('gives a reader who comes back what he has missed', async () => {
    const engine = new FakeEngine();
    const listen = await started(engine);
    const other = await listen();
    const first = await listen();
    const { id } = await first.tick(() => true);
    first.close();

    engine.emit(taskEvent('task-sent', 'q:7', NOON, { occurrence: 1 }));
    await other.tick(({ tasks }) => tasks.some((task) => task.task_id === 'q:7'));
    const again = await listen(id);
    await again.tick(({ tasks }) => tasks.some((task) => task.task_id === 'q:7'));

    expect(again.ticks.filter(({ reset }) => reset)).toEqual([]);
  }, 30_000);

  test.each(['00000000-1', 'nonsense', '../../etc'])(
    'begins anew for a reader who comes with %s',
    async (lastId) => {
      const listen = await started(new FakeEngine());

      const listening = await listen(lastId);

      expect(await listening.tick(() => true)).toMatchObject({ reset: true });
    },
    30_000,
  );

  test('leaves out what is too much, and says how much', async () => {
    const engine = new FakeEngine();
    const listen = await started(engine);
    const listening = await listen();
    await listening.tick(() => true);

    engine.emit(
      ...Array.from({ length: 1_500 }, (_, at) => taskEvent('task-sent', `q:${at}`, NOON, { occurrence: 1 })),
    );
    const told = await listening.tick(({ tasks }) => tasks.length > 0);

    expect(told.tasks).toHaveLength(200);
    expect(told.tasks_left_out).toBe(1_300);
    expect(told.counts.sent).toBe(1_500);
  }, 30_000);

  test('tells a limited reader of nothing outside, also beside one who sees all', async () => {
    const engine = new FakeEngine();
    const app = await startApiApp([engine]);
    api = app;
    const feeds = new LiveFeeds(app.inspector, new FixedClock(), { tickMs: 5, ageMs: 0 });
    const heard = { all: '', limited: '' };
    const leaveAll = feeds.current().read({ tick: (text) => (heard.all += text), still: () => undefined }, null);
    const leave = withinScope({ sources: null, queues: ['mail'] }, () =>
      feeds.current().read({ tick: (text) => (heard.limited += text), still: () => undefined }, null),
    );

    engine.emit(
      taskEvent('task-sent', 'mail:1', NOON, { occurrence: 1, queue: 'mail' }),
      taskEvent('task-sent', 'wages:1', NOON, { occurrence: 1, queue: 'wages' }),
    );
    await eventually(() => expect(heard.limited).toContain('"mail:1"'), { within: 15_000 });
    await eventually(() => expect(heard.all).toContain('"wages:1"'), { within: 15_000 });
    leave();
    leaveAll();

    expect(heard.limited).not.toContain('wages');
  }, 30_000);

  test('looks at the broker once per tick for ten readers, writes them the same text, and not at all for none', async () => {
    const engine = new FakeEngine();
    const app = await startApiApp([engine]);
    api = app;
    const feed = new LiveFeed(app.inspector, new FixedClock(), { tickMs: 5, ageMs: 0 });
    const texts = Array.from({ length: 10 }, (): string[] => []);
    const readers = texts.map((heard) => feed.read({ tick: (text) => heard.push(text), still: () => undefined }, null));
    await eventually(() => expect(texts[0]?.length).toBeGreaterThan(20), { within: 15_000 });
    for (const leave of readers) leave();
    const inspections = engine.inspections;
    const ticks = (texts[0]?.length ?? 0) - 1;

    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(engine.inspections).toBe(inspections);
    // One more may be under way when the last reader goes.
    expect(inspections - ticks).toBeLessThanOrEqual(1);
    for (const heard of texts) expect(heard.slice(1)).toEqual(texts[0]?.slice(1));
  }, 30_000);
});
