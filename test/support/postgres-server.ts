import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/embedded/free-port.js';
import type { Certificate } from './certificates.js';
import { eventually } from './eventually.js';

export interface PostgresServer {
  /** Of an empty database. */
  readonly url: string;
  /** A further, empty one. */
  create(database: string): string;
  stop(): Promise<void>;
}

/** Then it is reached over TLS, with a password. */
export interface PostgresTls {
  readonly certificate: Certificate;
  /** File of the authority of clients' certificates. */
  readonly clientAuthority: string;
  readonly password: string;
  /** This database with a client's certificate instead. */
  readonly certificateOnly: string;
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
export async function startPostgresServer(tls: PostgresTls | null = null): Promise<PostgresServer> {
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
  const secured = tls === null ? [] : secure(folder, data, tls, uid);
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
    ...secured,
  ];
  const child: ChildProcess = spawn(first, rest, { stdio: 'ignore', cwd: folder });
  process.once('exit', () => child.kill('SIGKILL'));
  const url = (database: string): string => `postgres://test@127.0.0.1:${port}/${database}`;
  const query = (statement: string): void => {
    const done = spawnOf([
      program('psql'),
      '-v',
      'ON_ERROR_STOP=1',
      '-c',
      statement,
      `postgres://test@/postgres?host=${folder}&port=${port}`,
    ]);
    if (done.status !== 0) throw new Error(`psql: ${done.stderr}`);
  };
  await eventually(() => query('SELECT 1'), { within: 20_000, every: 100 });
  if (tls !== null) query(`ALTER ROLE test PASSWORD '${tls.password}'`);
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

/** Options for the server. Its key must be its own and nobody else's to read. */
function secure(
  folder: string,
  data: string,
  { certificate, clientAuthority, certificateOnly }: PostgresTls,
  uid: number | null,
): readonly string[] {
  const files = {
    ssl_cert_file: certificate.certFile,
    ssl_key_file: certificate.keyFile,
    ssl_ca_file: clientAuthority,
  };
  const who = [
    'local all all trust',
    `hostssl ${certificateOnly} all all cert`,
    `hostnossl ${certificateOnly} all all reject`,
    'hostssl all all all scram-sha-256',
  ];
  writeFileSync(join(data, 'pg_hba.conf'), `${who.join('\n')}\n`);
  const options = Object.entries(files).flatMap(([name, file]) => {
    const own = join(folder, name);
    copyFileSync(file, own);
    chmodSync(own, 0o600);
    if (uid !== null) chownSync(own, uid, uid);
    return ['-c', `${name}=${own}`];
  });
  return ['-c', 'ssl=on', ...options];
}

function spawnOf([command = '', ...args]: readonly string[]) {
  return spawnSync(command, args, { encoding: 'utf8', cwd: tmpdir() });
}
