import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Bull from 'bull';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { type CommandResult, runCommand } from '../support/run-command.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const CLI = 'dist/src/cli.js';

describe('the command line, asking a running service', () => {
  const data = mkdtempSync(join(tmpdir(), 'taskscope-data-'));
  let redis: RedisServer | undefined;
  let service: ServiceProcess | undefined;
  let queue: Bull.Queue | undefined;

  const taskscope = (...words: readonly string[]): Promise<CommandResult> =>
    runCommand(process.execPath, [CLI, ...words], {
      env: { TASKSCOPE_URL: service?.url ?? '', TASKSCOPE_INSPECTION_DEADLINE_MS: '3000' },
    });
  const ids = (output: string): readonly unknown[] =>
    output
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const task: unknown = JSON.parse(line);
        return typeof task === 'object' && task !== null && 'task_id' in task ? task.task_id : line;
      });

  beforeAll(async () => {
    redis = await startRedisServer();
    queue = new Bull('orders', redis.url);
    await queue.isReady();
    service = await startServiceProcess(process.execPath, [CLI, '--port', '0', '--data', data, `bull+${redis.url}`], {
      within: 30_000,
    });
    const { url } = service;
    await eventually(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(200), { within: 20_000 });
    await queue.addBulk([
      { name: 'ship', data: {}, opts: { jobId: 'a' } },
      { name: 'ship', data: {}, opts: { jobId: 'b' } },
      { name: 'bill\u001b[2J', data: {}, opts: { jobId: 'c' } },
    ]);
    await eventually(async () => expect(ids((await taskscope('tasks', '--json')).stdout)).toHaveLength(3), {
      within: 20_000,
      every: 250,
    });
  }, 90_000);

  afterAll(async () => {
    service?.kill();
    await queue?.close();
    await redis?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  test('tasks: one JSON object a line, of those that the filter takes', async () => {
    const { code, stdout } = await taskscope('tasks', '--json', '--sort', 'sent', 'name:orders.ship');

    expect(code).toBe(0);
    expect(ids(stdout)).toEqual(['orders:a', 'orders:b']);
  });

  test('tasks: a table for people, without colours and terminal codes where nobody looks', async () => {
    const all = await taskscope('tasks');
    const some = await taskscope('tasks', '--limit', '2');

    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout.split('\n')[0]).toMatch(/^STATE +TASK +NAME/);
    expect(all.stdout).toContain('orders:c');
    expect(all.stdout).not.toContain('\u001b');
    expect(some.stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(some.stderr).toBe('2 of 3; --limit shows more\n');
  });

  test('tasks: says where a filter is wrong', async () => {
    const { code, stderr } = await taskscope('tasks', 'state:NONSENSE');

    expect(code).toBe(1);
    expect(stderr).toContain('NONSENSE');
  });

  test('revoke: stops what waits, and says by its exit code that what is gone cannot be stopped', async () => {
    const gone = await taskscope('revoke', 'orders:nobody');
    const done = await taskscope('revoke', '--json', 'orders:a');

    expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('orders:nobody') });
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ task_id: 'orders:a', outcome: 'revoked' });
    expect(await queue?.getJob('a')).toBeNull();
  });

  test('tail: tells what happens from then on, of the queue that was asked for, and ends after so many', async () => {
    const tailing = taskscope('tail', '--json', '--queue', 'orders', '--count', '2');
    const adding = setInterval(() => void queue?.add('tailed', {}).catch(() => undefined), 250);
    const { code, stdout } = await tailing.finally(() => clearInterval(adding));

    expect(code).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(events).toHaveLength(2);
    for (const event of events)
      expect(event).toMatchObject({ event: 'sent', task_name: 'orders.tailed', engine: 'bull' });
  });

  test('token, audit and hash-password: one JSON object a line, too', async () => {
    const local = ['--json', '--data', data];
    const said = async (command: string, ...words: readonly string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await taskscope(command, ...words, ...local);
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
      return stdout === '' ? null : JSON.parse(stdout);
    };

    const made = await said('token', 'create', '--role', 'viewer', 'prometheus');
    const { id = '', token: _, ...kept } = Object(made);
    const listed = await said('token', 'list');
    const revoked = await said('token', 'revoke', id);

    expect(made).toMatchObject({ name: 'prometheus', role: 'viewer', token: expect.stringContaining(`tsk_${id}_`) });
    expect(listed).toEqual({ id, ...kept });
    expect(revoked).toEqual({ id, revoked: true, name: 'prometheus' });
    expect(await said('token', 'list')).toBeNull();
    expect(await said('audit')).toMatchObject({ broken_at: null });
    expect(await taskscope('token', 'revoke', id, ...local)).toMatchObject({
      code: 1,
      stdout: `${JSON.stringify({ id, revoked: false, name: null })}\n`,
    });
    const hashed = await runCommand('sh', [
      '-c',
      `echo correct horse | '${process.execPath}' ${CLI} hash-password --json`,
    ]);
    expect(JSON.parse(hashed.stdout)).toEqual({ passwordHash: expect.stringMatching(/^scrypt\$/) });
  });

  test('colours are for a terminal, and not where NO_COLOR is set', async () => {
    const onTerminal = (env: Record<string, string>): Promise<CommandResult> =>
      runCommand(
        'python3',
        ['-c', 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))', process.execPath, CLI, 'tasks'],
        { env: { TASKSCOPE_URL: service?.url ?? '', NO_COLOR: '', ...env } },
      );

    expect((await onTerminal({})).stdout).toContain('\u001b[');
    expect((await onTerminal({ NO_COLOR: '1' })).stdout).not.toContain('\u001b[');
  });

  test('check: says whether the host, the port, the password or the engine is wrong', async () => {
    const locked = await startRedisServer({ password: 'right' });
    const { port } = locked;
    try {
      const problems = [
        [`bull+redis://:wrong@127.0.0.1:${port}`, /refuses the user name or password/],
        [`bull+redis://127.0.0.1:${port}`, /password/],
        ['bull+redis://127.0.0.1:9', /ECONNREFUSED/],
        ['bull+redis://nowhere.invalid:6379', /ENOTFOUND|EAI_AGAIN/],
        [`celery+amqp://guest:guest@127.0.0.1:${port}//`, /./],
      ] as const;
      const checks = problems.map(async ([url, problem]) => {
        const { code, stdout } = await taskscope('check', '--json', url);
        expect({ url, code, stdout }).toEqual({ url, code: 3, stdout: expect.not.stringContaining('wrong') });
        expect(JSON.parse(stdout)).toMatchObject({ connected: false, problem: expect.stringMatching(problem) });
      });
      await Promise.all(checks);
    } finally {
      await locked.stop();
    }
  }, 90_000);

  test('refuses flags it does not know, addresses that are none, and says when nobody answers', async () => {
    expect(await taskscope('tasks', '--stat', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--stat'),
    });
    expect(await taskscope('revoke')).toMatchObject({ code: 2 });
    expect(await taskscope('tail', '--count', 'many')).toMatchObject({ code: 2 });
    expect(await taskscope('tasks', '--url', 'localhost:8000')).toMatchObject({ code: 2 });
    expect(await taskscope('tasks', '--url', 'http://127.0.0.1:9')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('http://127.0.0.1:9'),
    });
  });

  test('lists its commands, and explains each, which all take --json', async () => {
    const { stdout } = await taskscope('--help');
    const names = [...stdout.matchAll(/^ {2}([a-z][a-z-]*) {2,}\S/gm)].map(([, name = '']) => name);

    expect(names).toEqual(expect.arrayContaining(['serve', 'check', 'tail', 'tasks', 'revoke']));
    const helps = await Promise.all(names.map((name) => taskscope(name, '--help')));
    for (const { code, stdout: help } of helps)
      expect({ code, help }).toEqual({ code: 0, help: expect.stringMatching(/^Usage: taskscope[\s\S]+--json/) });
  });
});
