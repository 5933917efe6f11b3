import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeToken, tokenOf } from '../../../src/auth/api-token.js';
import { brokenAt } from '../../../src/auth/audit-chain.js';
import type { AuditEntry } from '../../../src/auth/audit-log.js';
import { FileAuditLog } from '../../../src/auth/file-audit-log.js';
import { FileTokenStore } from '../../../src/auth/file-token-store.js';
import { NOON } from '../../support/builders.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskscope-access-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function aToken(name: string) {
  const permissions = ['view'] as const;
  const said = { role: null, permissions, actions: null, sources: null, queues: null, createdBy: 'test' };
  return makeToken({ ...said, name, createdAt: NOON, expiresAt: NOON + 1000 });
}

describe('tokens in a file', () => {
  test('are kept as hashes that only the owner may read', async () => {
    const { text, token } = aToken('one');
    await new FileTokenStore(folder).add(token);

    const file = join(folder, 'tokens.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain(text.slice(13));
    expect(tokenOf(text, new FileTokenStore(folder), NOON)?.name).toBe('one');
    expect(tokenOf(text, new FileTokenStore(folder), NOON + 1000)).toBeNull();
  });

  test('are all there when several processes add them at once', async () => {
    const stores = Array.from({ length: 5 }, () => new FileTokenStore(folder));

    await Promise.all(stores.map((store, at) => store.add(aToken(`token-${at}`).token)));

    expect(new FileTokenStore(folder).list()).toHaveLength(5);
  });

  test('are not silently forgotten where the file is broken', () => {
    writeFileSync(join(folder, 'tokens.json'), '{"version": 1');

    expect(() => new FileTokenStore(folder)).toThrow('expected a readable file of tokens');
  });
});

describe('the audit in a file', () => {
  const entry: AuditEntry = {
    at: NOON,
    kind: 'user',
    who: 'ada',
    from: '127.0.0.1',
    action: 'revokeTask',
    path: '/tasks/1/revoke',
    asked: {},
    outcome: 'allowed',
    status: 200,
    message: null,
    workers: [],
  };
  const complaints: string[] = [];
  const open = (): FileAuditLog => new FileAuditLog(folder, (message) => complaints.push(message));
  const all = { limit: 100, before: null, who: null, action: null, outcome: null };

  test('goes on where it was, also when another process has written meanwhile', async () => {
    const service = open();
    service.write(entry);
    await service.close();
    const command = open();
    command.write({ ...entry, who: 'root' });
    await command.close();
    service.write({ ...entry, who: 'bob' });

    const { records } = await service.read(all);

    expect(records.map(({ number, who }) => [number, who])).toEqual([
      [3, 'bob'],
      [2, 'root'],
      [1, 'ada'],
    ]);
    expect(brokenAt(await service.all())).toBeNull();
    expect(complaints).toEqual([]);
  });

  test('tells which record was changed, or is missing', async () => {
    const log = open();
    for (const who of ['ada', 'bob', 'eve', 'dan']) log.write({ ...entry, who });
    await log.close();
    const file = join(folder, 'audit.jsonl');
    const written = readFileSync(file, 'utf8');

    writeFileSync(file, written.replace('"ada"', '"eve"'));
    expect(brokenAt(await open().all())).toBe(1);
    writeFileSync(file, written.replace('"eve"', '"bob"'));
    expect(brokenAt(await open().all())).toBe(3);
    writeFileSync(
      file,
      written
        .split('\n')
        .filter((line) => !line.includes('"bob"'))
        .join('\n'),
    );
    expect(brokenAt(await open().all())).toBe(3);
  });
});
