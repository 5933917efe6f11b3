import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request as send } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Bull from 'bull';
import { Queue } from 'bullmq';
import { type Certificate, makeCertificate } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { freePort, type RedisServer, startRedisServer } from '../support/redis-server.js';
import { runCommand } from '../support/run-command.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const CLI = 'dist/src/cli.js';
const API = '/api/v1/celery';
/** Another address of this machine: the proxy's. */
const PROXY = '127.0.0.2';

const data = mkdtempSync(join(tmpdir(), 'taskscope-secure-'));
let certificate: Certificate;
let redis: RedisServer;
let brokerUrl: string;
let bull: Bull.Queue;
let bullmq: Queue;
let service: ServiceProcess;

interface Answer {
  readonly status: number;
  readonly text: string;
}

beforeAll(async () => {
  certificate = makeCertificate(data, 'service');
  const { certFile, keyFile } = certificate;
  const tlsPort = await freePort();
  const tls = ['--tls-port', String(tlsPort), '--tls-cert-file', certFile, '--tls-key-file', keyFile];
  redis = await startRedisServer({ args: [...tls, '--tls-ca-cert-file', certFile, '--tls-auth-clients', 'yes'] });
  bull = new Bull('orders', redis.url);
  bullmq = new Queue('mails', { connection: { port: redis.port } });
  await bull.add({}, { jobId: 'later', delay: 3_600_000 });
  await bullmq.add('send', {}, { jobId: 'later', delay: 3_600_000 });
  brokerUrl = `rediss://127.0.0.1:${tlsPort}?ssl_ca_certs=${certFile}&ssl_certfile=${certFile}&ssl_keyfile=${keyFile}`;
  service = await startServiceProcess(
    process.execPath,
    [CLI, '--port', '0', '--data', data, '--tls-cert', certFile, '--tls-key', keyFile]
      .concat(['--metrics-port', '0', '--dashboard-port', '0', '--log-format', 'json'])
      .concat([`shop=bull+${brokerUrl}`, `post=bullmq+${brokerUrl}`]),
    {
      within: 60_000,
      env: {
        TASKSCOPE_AUTH_PROXY: JSON.stringify({
          userHeader: 'X-Forwarded-User',
          groupsHeader: 'X-Forwarded-Groups',
          addresses: [PROXY],
          mapping: [{ role: 'operator', groups: ['ops'] }],
        }),
        TASKSCOPE_METRICS_ACCESS: 'open',
      },
    },
  );
}, 120_000);

afterAll(async () => {
  service?.kill();
  await Promise.all([bull?.close(), bullmq?.close()]);
  await redis?.stop();
  rmSync(data, { recursive: true, force: true });
});

function ask(
  url: string,
  options: {
    readonly method?: string;
    readonly from?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Answer> {
  const { method = 'GET', from = '127.0.0.1', headers = {} } = options;
  const ca = readFileSync(certificate.certFile);
  return new Promise((resolve, reject) => {
    const sent = send(url, { method, headers: { ...headers }, localAddress: from, ca }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.once('error', reject);
    sent.end();
  });
}

const statusOf = async (...words: Parameters<typeof ask>): Promise<number> => (await ask(...words)).status;
const further = (what: string): string => {
  const url = new RegExp(`${what} also on (https://[^\\s"]+)`).exec(service.output())?.[1];
  if (url === undefined) throw new Error(`expected the port of ${what}, found ${service.output()}`);
  return url;
};

describe('the files of a service', () => {
  test('are its own, also in a folder that others may read', () => {
    chmodSync(data, 0o755);
    const readable = readdirSync(data).filter(
      (file) => !file.startsWith('service.') && (statSync(join(data, file)).mode & 0o077) !== 0,
    );

    expect(readdirSync(data)).toContain('history.sqlite');
    expect(readable).toEqual([]);
  });
});

describe('a service with TLS', () => {
  test('speaks it on every port, and nothing else', async () => {
    for (const url of [service.url, await eventually(() => further('dashboard')), further('metrics')]) {
      expect(await statusOf(`${url}/health/live`)).toBe(200);
      await expect(fetch(`${url.replace('https:', 'http:')}/health/live`)).rejects.toThrow();
    }
  });

  test('answers the metrics on their own port by the access of that port, and nothing else there', async () => {
    const port = await eventually(() => further('metrics'));

    expect(await statusOf(`${service.url}/metrics`)).toBe(401);
    const metrics = await ask(`${port}/metrics`);
    expect({ status: metrics.status, series: metrics.text.includes('celery_task_total') }).toEqual({
      status: 200,
      series: true,
    });
    // A credential that is wrong is never ignored.
    expect(await statusOf(`${port}/metrics`, { headers: { authorization: 'Bearer wrong' } })).toBe(401);
    for (const path of [`${API}/sources`, '/docs', '/flower/', '/', '/metrics/../docs', '//metrics', '/metrics/'])
      expect({ path, status: await statusOf(port + path) }).toEqual({ path, status: 404 });
    expect(await statusOf(`${port}/metrics`, { method: 'POST' })).toBe(404);
  });

  test('believes the header of a proxy from its own address only', async () => {
    const headers = { 'x-forwarded-user': 'ada@example.org', 'x-forwarded-groups': 'staff, ops' };
    const stranger = { ...headers, 'x-forwarded-for': PROXY, forwarded: `for=${PROXY}` };
    const known = await ask(`${service.url}${API}/session`, { from: PROXY, headers });

    expect(JSON.parse(known.text)).toMatchObject({ kind: 'proxy', name: 'ada@example.org', role: 'operator' });
    expect(await statusOf(`${service.url}${API}/sources`, { headers: stranger })).toBe(401);
    expect(await statusOf(`${service.url}${API}/sources`, { from: PROXY })).toBe(401);
    const others = { ...headers, 'x-forwarded-groups': 'staff' };
    expect(await statusOf(`${service.url}${API}/sources`, { from: PROXY, headers: others })).toBe(401);
    // Where the groups of a role say so, and no further.
    expect(await statusOf(`${service.url}${API}/audit`, { from: PROXY, headers })).toBe(403);
  });

  test('watches and acts on Bull and BullMQ over TLS with a certificate of its own', async () => {
    const headers = { 'x-forwarded-user': 'ada', 'x-forwarded-groups': 'ops' };
    for (const id of ['orders:later', 'mails:later']) {
      const task = `${service.url}${API}/tasks/${id}`;
      await eventually(async () => expect(await statusOf(task, { from: PROXY, headers })).toBe(200), {
        within: 30_000,
      });
      expect(await statusOf(`${task}/revoke`, { method: 'POST', from: PROXY, headers })).toBe(200);
    }
    expect(await bull.getJob('later')).toBeNull();
    expect(await bullmq.getJob('later')).toBeUndefined();
  }, 60_000);

  test('says what is wrong where it does not trust a broker, or the broker does not trust it', async () => {
    const untrusted = await runCommand(process.execPath, [CLI, 'check', '--json', brokerUrl.replace(/\?.*/, '')], {});
    const unknown = await runCommand(process.execPath, [CLI, 'check', '--json', brokerUrl.replace(/&.*/, '')], {});

    expect([untrusted.code, unknown.code]).toEqual([3, 3]);
    expect(untrusted.stdout).toMatch(/certificate/);
  }, 60_000);
});
