import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { messageOf } from '../../../src/core/errors.js';
import { PostgresDatabase } from '../../../src/history/postgres/postgres-database.js';
import { type Certificate, issueCertificate, makeCertificate } from '../../support/certificates.js';
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.js';

const PASSWORD = 'canary-7f3a-password';

let folder: string;
let authority: Certificate;
let stranger: Certificate;
let client: Certificate;
let server: PostgresServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'taskscope-postgres-tls-'));
  authority = makeCertificate(folder, 'authority');
  stranger = makeCertificate(folder, 'stranger');
  client = issueCertificate(folder, 'test', authority);
  server = await startPostgresServer({
    certificate: issueCertificate(folder, 'server', authority, 'localhost'),
    clientAuthority: authority.certFile,
    password: PASSWORD,
    certificateOnly: 'guarded',
  });
  server.create('guarded');
}, 60_000);

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the server says of our connection; else why there is none. Everything that was warned of comes with it. */
async function reach(
  words: Readonly<Record<string, string>>,
  { host = 'localhost', database = 'postgres' } = {},
): Promise<{ readonly tls: boolean | null; readonly told: string }> {
  const url = new URL(server.url);
  url.hostname = host;
  url.password = PASSWORD;
  url.pathname = database;
  url.search = new URLSearchParams(words).toString();
  const warnings: string[] = [];
  const history = new PostgresDatabase(url.href, (message) => warnings.push(message));
  try {
    await history.open();
    const { rows } = await sql<{ ssl: boolean }>`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`.execute(
      history.reader,
    );
    return { tls: rows[0]?.ssl ?? false, told: warnings.join('\n') };
  } catch (error) {
    return { tls: null, told: [messageOf(error), ...warnings].join('\n') };
  } finally {
    await history.close();
  }
}

describe('the history in PostgreSQL over TLS', () => {
  const full = (certificate: Certificate) => ({ sslmode: 'verify-full', sslrootcert: certificate.certFile });

  test('is reached with the authority that has signed its certificate', async () => {
    expect(await reach(full(authority))).toEqual({ tls: true, told: '' });
  });

  test.each([
    ['an authority that has not', () => full(stranger), 'localhost'],
    ['the public authorities', () => ({ sslmode: 'verify-full' }), 'localhost'],
  ])('is not reached with %s', async (_, words, host) => {
    const { tls, told } = await reach(words(), { host });

    expect(tls).toBeNull();
    expect(told).toMatch(/unable to (verify|get)|self-signed certificate/);
    expect(told).not.toContain(PASSWORD);
  });

  test('is not reached under a name that is not in its certificate', async () => {
    const { tls, told } = await reach(full(authority), { host: '127.0.0.1' });

    expect(tls).toBeNull();
    expect(told).toMatch(/^Hostname\/IP does not match certificate's altnames: IP: 127\.0\.0\.1 /);
    expect(told).not.toContain(PASSWORD);
  });

  test('is not reached without TLS where the server wants it', async () => {
    const { tls, told } = await reach({}, { database: 'guarded' });

    expect(tls).toBeNull();
    expect(told).toContain('no encryption');
    expect(told).not.toContain(PASSWORD);
  });

  test('shows a certificate of its own where the server wants one', async () => {
    const own = { ...full(authority), sslcert: client.certFile, sslkey: client.keyFile };

    expect(await reach(own, { database: 'guarded' })).toEqual({ tls: true, told: '' });
    expect((await reach(full(authority), { database: 'guarded' })).told).toContain('client certificate');
  });
});
