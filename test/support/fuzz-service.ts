import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeToken } from '../../src/auth/api-token.js';
import { MemoryTokenStore } from '../../src/auth/memory-token-store.js';
import { hashPassword } from '../../src/auth/password.js';
import { Roles } from '../../src/auth/roles.js';
import { settingsSchema } from '../../src/config/settings-schema.js';
import { SystemClock } from '../../src/core/clock.js';
import { taskEvent } from '../../src/core/task-event.js';
import { KyselyHistoryStore } from '../../src/history/kysely-history-store.js';
import { SqliteDatabase } from '../../src/history/sqlite/sqlite-database.js';
import { MetricsModule } from '../../src/metrics/metrics.module.js';
import { startApiApp } from './api-app.js';
import { aQueue, aTask, aTaskDetail, aWorker, NOON } from './builders.js';
import { FakeEngine } from './fake-engine.js';
import { aStoredTask, SQLITE_THREAD_SOURCE } from './history.js';

export interface FuzzService {
  readonly baseUrl: string;
  /** Good ones, one for each role; the viewer's sees one source. */
  readonly tokens: readonly string[];
  stop(): Promise<void>;
}

/** Every route of the service, where everybody signs in: engines without brokers, and a real history. */
export async function startFuzzService(): Promise<FuzzService> {
  const { store: tokens, texts } = await tokensOfRoles();
  const folder = mkdtempSync(join(tmpdir(), 'taskscope-fuzz-'));
  const database = new SqliteDatabase({
    file: join(folder, 'history.sqlite'),
    thread: SQLITE_THREAD_SOURCE,
    warn: () => undefined,
  });
  const store = new KyselyHistoryStore(database, new SystemClock());
  await store.open();
  const engines = (['bull', 'celery', 'bullmq'] as const).map((engine) => new FakeEngine({ engine }));
  for (const engine of engines) {
    const { name: source, engine: kind } = engine.source;
    engine.store(aTaskDetail({ id: 'training:1', source, engine: kind, queue: 'training' }));
    engine.setSnapshot({
      workers: [aWorker({ source })],
      queues: [aQueue({ source })],
      active: { tasks: [aTask({ state: 'STARTED', startedAt: NOON })], total: 1 },
    });
  }
  await store.append({
    at: NOON,
    tasks: engines.map(({ source: { name: source, engine } }) => aStoredTask({ id: 'training:1', source, engine })),
    gaps: [],
    ledger: [],
    positions: [],
    series: [],
    lives: [],
    actions: [],
  });
  const away = new FakeEngine({ name: 'away', connection: 'disconnected' });
  const api = await startApiApp([...engines, away], {
    tokens,
    rules: {
      required: true,
      users: [{ name: 'ada', role: 'admin', passwordHash: await hashPassword('x', { N: 1024, r: 1, p: 1 }) }],
    },
    history: { store, series: store },
    modules: [MetricsModule.forRoot(settingsSchema.parse({}).metrics)],
  });
  for (const engine of engines) {
    engine.emit(taskEvent('task-failed', 'training:2', NOON, { name: 'training', error: { type: 'E', message: 'm' } }));
  }
  return {
    baseUrl: api.baseUrl,
    tokens: texts,
    stop: async () => {
      await api.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function tokensOfRoles(): Promise<{ readonly store: MemoryTokenStore; readonly texts: readonly string[] }> {
  const store = new MemoryTokenStore();
  const texts: string[] = [];
  const roles = new Roles();
  for (const role of roles.names) {
    const { text, token } = makeToken({
      name: role,
      role,
      permissions: [...(roles.named(role)?.permissions ?? [])],
      actions: null,
      sources: role === 'viewer' ? ['bull'] : null,
      queues: null,
      createdAt: NOON,
      createdBy: 'test',
      expiresAt: NOON + 1e9,
    });
    await store.add(token);
    texts.push(text);
  }
  return { store, texts };
}
