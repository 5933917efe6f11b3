import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TlsFiles } from '../../src/http/tls-files.js';
import { eventually } from '../support/eventually.js';

let folder: string;
let server: Server;
let further: Server;
let unfollow: () => void = () => undefined;
const told: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'taskscope-tls-'));
  certificate('first');
  certificate('second');
  install('first');
  const files = new TlsFiles({
    certFile: join(folder, 'cert.pem'),
    keyFile: join(folder, 'key.pem'),
    minVersion: 'TLSv1.2',
  });
  [server, further] = [serverOf(files), serverOf(files)];
  await Promise.all(
    [server, further].map((each) => new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve))),
  );
  told.length = 0;
  unfollow = files.follow([server, further], (message) => told.push(message), 20);
});

afterEach(async () => {
  unfollow();
  for (const each of [server, further]) {
    each.closeAllConnections();
    await new Promise((resolve) => each.close(resolve));
  }
  rmSync(folder, { recursive: true });
});

function serverOf(files: TlsFiles): Server {
  return createServer(files.read(), (_, response) => response.end('hello'));
}

function certificate(name: string): void {
  const out = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  execFileSync('openssl', ['req', '-x509', '-subj', `/CN=${name}`, ...kind, ...out], { stdio: 'ignore' });
}

function install(name: string): void {
  copyFileSync(join(folder, `${name}.key`), join(folder, 'key.pem'));
  copyFileSync(join(folder, `${name}.crt`), join(folder, 'cert.pem'));
}

/** Whose certificate a new connection is shown. */
function shown(options: { readonly maxVersion?: 'TLSv1.1' } = {}, by = server): Promise<string> {
  const address = by.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options }, () => {
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      resolve(String(subject.CN));
    });
    socket.once('error', reject);
  });
}

describe('a listener with TLS', () => {
  test('shows a renewed certificate without a restart', async () => {
    expect(await shown()).toBe('first');

    install('second');

    await eventually(async () => expect(await shown()).toBe('second'), { within: 15_000 });
    expect(await shown({}, further)).toBe('second');
    expect(told.at(-1)).toMatch(/^TLS: a new certificate from .* is in use$/);
  });

  test('keeps the certificate it has where the new files are of no use, and says so once', async () => {
    writeFileSync(join(folder, 'cert.pem'), '-----BEGIN CERTIFICATE-----\nhalf');
    await eventually(() => expect(told).toHaveLength(1), { within: 15_000 });

    expect(told[0]).toMatch(/^TLS: the certificate in use stays: /);
    expect(await shown()).toBe('first');
    install('second');
    await eventually(async () => expect(await shown()).toBe('second'), { within: 15_000 });
  });

  test('speaks no version of it that is too old', async () => {
    await expect(shown({ maxVersion: 'TLSv1.1' })).rejects.toThrow();
  });

  test('takes no empty file for an authority of clients', () => {
    const clientCaFile = join(folder, 'ca.pem');
    writeFileSync(clientCaFile, '');
    const files = new TlsFiles({
      certFile: join(folder, 'cert.pem'),
      keyFile: join(folder, 'key.pem'),
      clientCaFile,
      minVersion: 'TLSv1.2',
    });

    expect(() => files.read()).toThrow('found: no certificate of an authority in');
  });

  test('does not start with a key that is another certificate’s', () => {
    const files = new TlsFiles({
      certFile: join(folder, 'first.crt'),
      keyFile: join(folder, 'second.key'),
      minVersion: 'TLSv1.2',
    });

    expect(() => files.read()).toThrow('expected a certificate and its key, found:');
  });
});
