import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeToken } from '../../src/auth/api-token.js';
import { MemoryAuditLog } from '../../src/auth/memory-audit-log.js';
import { MemoryTokenStore } from '../../src/auth/memory-token-store.js';
import { PERMISSIONS } from '../../src/core/permissions.js';
import { taskEvent } from '../../src/core/task-event.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aTaskDetail, NOON } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { FakeEngine } from '../support/fake-engine.js';

const API = '/api/v1/celery';
const STREAMS = 4;
const WITHIN = { within: 20_000 };
const EVERY = { who: null, action: null, outcome: null, before: null, limit: 500 };

const audit = new MemoryAuditLog();
const engine = new FakeEngine();
let api: ApiApp;
let bearer: string;

beforeAll(async () => {
  engine.store(aTaskDetail({ id: 'training:1', queue: 'training' }));
  const tokens = new MemoryTokenStore();
  const { text, token } = makeToken({
    name: 'ci',
    role: null,
    permissions: PERMISSIONS,
    actions: null,
    sources: null,
    queues: null,
    createdAt: NOON,
    createdBy: 'test',
    expiresAt: NOON + 1e9,
  });
  await tokens.add(token);
  bearer = `Authorization: Bearer ${text}\r\n`;
  api = await startApiApp([engine], { audit, tokens, limits: { streams: STREAMS }, rules: { required: true } });
});

afterAll(() => api.close());

/** A connection that has sent these bytes. */
function sends(text: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(api.baseUrl).port), '127.0.0.1');
    socket.once('error', reject);
    socket.write(text, () => resolve(socket));
  });
}

function head(line: string, further = bearer): string {
  return `${line} HTTP/1.1\r\nHost: localhost\r\n${further}`;
}

async function records(action: string) {
  return (await audit.read({ ...EVERY, action })).records;
}

describe('requests behind one that is never over', () => {
  const stream = (): string => `${head(`GET ${API}/live`)}\r\n`;

  test('are in the audit when they change something, though nobody can ever read their answer', async () => {
    const socket = await sends(`${stream()}${head(`POST ${API}/tasks/training:1/revoke`)}Content-Length: 0\r\n\r\n`);
    await eventually(() => expect(engine.revokes).toHaveLength(1), WITHIN);

    socket.destroy();

    await eventually(async () => expect(await records('revokeTask')).toHaveLength(1), WITHIN);
    expect(await records('revokeTask')).toMatchObject([{ who: 'ci', outcome: 'allowed' }]);
  }, 60_000);

  test('give back the streams that they hold', async () => {
    const full = await sends(stream().repeat(STREAMS));
    await eventually(async () => {
      const { status } = await api.request.get(`${API}/tasks/export`).set('Authorization', bearer.slice(15).trim());
      expect(status).toBe(429);
    }, WITHIN);

    full.destroy();

    await eventually(async () => {
      const asked = Array.from({ length: STREAMS }, () => sends(stream()));
      const sockets = await Promise.all(asked);
      const answers = await Promise.all(sockets.map(firstLine));
      for (const socket of sockets) socket.destroy();
      expect(answers).toEqual(Array.from({ length: STREAMS }, () => 'HTTP/1.1 200 OK'));
    }, WITHIN);
    await eventually(async () => expect(await openConnections()).toBe(0), WITHIN);
  }, 60_000);
});

function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve) => socket.once('data', (part) => resolve(String(part).split('\r\n', 1).join(''))));
}

function openConnections(): Promise<number> {
  return new Promise((resolve, reject) => {
    api.app
      .getHttpServer()
      .getConnections((error: Error | null, count: number) => (error ? reject(error) : resolve(count)));
  });
}

describe('the audit', () => {
  test('believes nobody who goes before there is an answer', async () => {
    const unfinished = `${head(`POST ${API}/tasks/training:1/revoke`, '')}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`;
    const socket = await sends(unfinished);
    await eventually(async () => expect(await openConnections()).toBeGreaterThan(0), WITHIN);

    socket.destroy();

    await eventually(async () => expect(await openConnections()).toBe(0), WITHIN);
    expect(await records('POST')).toMatchObject([{ outcome: 'failed', from: '127.0.0.1' }]);
  }, 60_000);

  test('tells what became of a change whose caller did not wait for it', async () => {
    let answer: () => void = () => undefined;
    engine.revoke = () =>
      new Promise((resolve) => {
        answer = () => resolve({ id: 'training:1', outcome: 'accepted', message: 'Told.', workers: [] });
      });
    const socket = await sends(
      `${head(`POST ${API}/tasks/training:1/revoke?terminate=true`)}Content-Length: 0\r\n\r\n`,
    );
    await eventually(() => expect(String(answer)).toContain('accepted'), WITHIN);

    socket.destroy();
    await eventually(async () => expect(await openConnections()).toBe(0), WITHIN);
    answer();

    await eventually(async () => {
      const [last] = await records('revokeTask');
      expect(last).toMatchObject({ who: 'ci', from: '127.0.0.1', outcome: 'allowed', message: 'accepted: Told.' });
    }, WITHIN);
  }, 60_000);

  test('is not filled by strangers who sign out', async () => {
    for (let time = 0; time < 300; time += 1) {
      await api.request.delete(`${API}/session`);
    }

    expect((await records('signOut')).length).toBeLessThan(200);
  }, 60_000);
});

describe('a reader who does not read', () => {
  test('is sent away, and takes nobody else’s place', async () => {
    const server = api.app.getHttpServer();
    const before = server.timeout;
    // Only connections that are made meanwhile.
    server.timeout = 3_000;
    const stuck = await sends(`${head(`GET ${API}/events`)}\r\n`);
    await eventually(async () => expect(await openConnections()).toBe(1), WITHIN);
    server.timeout = before;
    const good = await sends(`${head(`GET ${API}/events`)}\r\n`);
    good.resume();
    const error = { type: 'E', message: 'x'.repeat(4_000) };

    await eventually(
      async () => {
        for (let number = 0; number < 500; number += 1) {
          engine.emit(taskEvent('task-failed', `t:${number}`, NOON + Math.random() * 1e6, { name: 'training', error }));
        }
        expect(await openConnections()).toBe(1);
      },
      { within: 40_000, every: 100 },
    );

    expect(good.destroyed).toBe(false);
    stuck.destroy();
    good.destroy();
  }, 90_000);
});
