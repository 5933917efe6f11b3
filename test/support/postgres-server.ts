import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/embedded/free-port.js';
import { eventually } from './eventually.js';

export interface PostgresServer {
  /** Of an empty database. */
  readonly url: string;
  /** A further, empty one. */
  create(database: string): string;
  stop(): Promise<void>;
}

/** Debian keeps the programs of each version in a folder that is on no PATH. */
function program(name: string): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, 'bin', name)).find(existsSync) ?? name;
}

/** PostgreSQL refuses to be root: then it runs as its own user. */
function asUser(): { readonly command: readonly string[]; readonly uid: number | null } {
  if (process.getuid?.() !== 0) return { command: [], uid: null };
  const { stdout } = spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' });
  return { command: ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'], uid: Number(stdout) };
}

/** A private server on a free port of loopback, in a folder of its own. */
export async function startPostgresServer(): Promise<PostgresServer> {
  const { command, uid } = asUser();
  const folder = mkdtempSync(join(tmpdir(), 'taskscope-postgres-'));
  if (uid !== null) chownSync(folder, uid, uid);
  const data = join(folder, 'data');
  const made = spawnOf([
    ...command,
    program('initdb'),
    '-D',
    data,
    '-U',
    'test',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ]);
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const [first = '', ...rest] = [
    ...command,
    program('postgres'),
    '-D',
    data,
    '-p',
    String(port),
    '-h',
    '127.0.0.1',
    '-k',
    folder,
    '-c',
    'fsync=off',
  ];
  const child: ChildProcess = spawn(first, rest, { stdio: 'ignore', cwd: folder });
  process.once('exit', () => child.kill('SIGKILL'));
  const url = (database: string): string => `postgres://test@127.0.0.1:${port}/${database}`;
  const query = (statement: string): void => {
    const done = spawnOf([program('psql'), '-v', 'ON_ERROR_STOP=1', '-c', statement, url('postgres')]);
    if (done.status !== 0) throw new Error(`psql: ${done.stderr}`);
  };
  await eventually(() => query('SELECT 1'), { within: 20_000, every: 100 });
  return {
    url: url('postgres'),
    create: (database) => {
      query(`CREATE DATABASE ${database}`);
      return url(database);
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      // At once, without waiting for whoever is connected.
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function spawnOf([command = '', ...args]: readonly string[]) {
  return spawnSync(command, args, { encoding: 'utf8', cwd: tmpdir() });
}
