import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
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

/** As Kubernetes mounts a secret: the files are links into `..data`, itself a link, which is replaced as a whole. */
function mount(name: string): void {
  mkdirSync(join(folder, `..${name}`));
  copyFileSync(join(folder, `${name}.key`), join(folder, `..${name}`, 'key.pem'));
  copyFileSync(join(folder, `${name}.crt`), join(folder, `..${name}`, 'cert.pem'));
  replaceByLink('..data', `..${name}`);
}

function replaceByLink(file: string, to: string): void {
  symlinkSync(to, join(folder, `${file}.link`));
  renameSync(join(folder, `${file}.link`), join(folder, file));
}

function opened(): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: portOf(server), rejectUnauthorized: false }, () =>
      resolve(socket),
    );
    socket.once('error', reject);
  });
}

function answered(socket: TLSSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', (part) => resolve(String(part)));
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  });
}

function portOf(by: Server): number {
  const address = by.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

/** Whose certificate a new connection is shown. */
function shown(options: { readonly maxVersion?: 'TLSv1.1' } = {}, by = server): Promise<string> {
  return new Promise((resolve, reject) => {
    const at = { host: '127.0.0.1', port: portOf(by), rejectUnauthorized: false };
    const socket = connect({ ...at, ...options }, () => {
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

  test('shows one that Kubernetes has mounted anew, to new connections; open ones go on', async () => {
    mount('first');
    for (const file of ['cert.pem', 'key.pem']) replaceByLink(file, join('..data', file));
    const open = await opened();
    expect(told).toEqual([]);

    mount('second');

    await eventually(async () => expect(await shown()).toBe('second'), { within: 15_000 });
    expect(await answered(open)).toMatch(/^HTTP\/1\.1 200 OK/);
    open.destroy();
    expect(told).toHaveLength(1);
  });

  test('shows one that was renamed into place', async () => {
    for (const file of ['cert.pem', 'key.pem']) {
      copyFileSync(join(folder, `second.${file === 'cert.pem' ? 'crt' : 'key'}`), join(folder, `${file}.new`));
      renameSync(join(folder, `${file}.new`), join(folder, file));
    }

    await eventually(async () => expect(await shown()).toBe('second'), { within: 15_000 });
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
