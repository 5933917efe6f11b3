import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { settingsFromEnvironment } from '../../../src/config/environment.js';
import { parseCommandLine } from '../../../src/config/flags.js';
import { loadSettings } from '../../../src/config/load-settings.js';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly entrypoint?: readonly string[];
  readonly environment?: Record<string, string>;
  readonly ports?: readonly string[];
  readonly depends_on?: Record<string, unknown>;
  readonly volumes?: readonly string[];
  readonly healthcheck?: unknown;
}
interface Composition {
  readonly services: Record<string, Service>;
  readonly volumes: Record<string, unknown>;
}

function isComposition(value: unknown): value is Composition {
  return typeof value === 'object' && value !== null && 'services' in value && 'volumes' in value;
}

function composition(): Composition {
  const found = load(readFileSync('docker-compose.yml', 'utf8'));
  if (!isComposition(found)) throw new Error('expected services and volumes in docker-compose.yml');
  return found;
}

const dockerfile = readFileSync('Dockerfile', 'utf8');

/** Where each image listens. */
const PORTS: Readonly<Record<string, number>> = {
  redis: 6379,
  rabbitmq: 5672,
  postgres: 5432,
  prometheus: 9090,
  grafana: 3000,
};

describe('docker-compose.yml', () => {
  test('gives the service settings that it accepts, on the port that it publishes to this machine alone', () => {
    const { environment = {}, ports } = composition().services.taskscope ?? {};

    const settings = loadSettings(parseCommandLine([]), { ...environment, TASKSCOPE_HOST: '0.0.0.0' });

    expect(settings).toMatchObject({
      insecure: true,
      history: { enabled: true },
      brokers: [{ url: 'redis://redis:6379/0' }, { url: 'amqp://guest:guest@rabbitmq:5672//' }],
    });
    expect(ports).toEqual([`127.0.0.1:${settings.port}:${settings.port}`]);
  });

  test('publishes every port to this machine alone', () => {
    const published = Object.values(composition().services).flatMap(({ ports }) => ports ?? []);

    expect(published.length).toBeGreaterThan(2);
    for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
  });

  test('names only services, volumes, files and folders that there are', () => {
    const { services, volumes } = composition();

    for (const service of Object.values(services)) {
      for (const name of Object.keys(service.depends_on ?? {})) expect(services[name]?.healthcheck).toBeDefined();
      for (const volume of service.volumes ?? []) {
        const [from = ''] = volume.split(':');
        if (from.startsWith('.')) expect({ from, exists: existsSync(from) }).toEqual({ from, exists: true });
        else expect(Object.keys(volumes)).toContain(from);
      }
      if (service.build !== undefined) expect(existsSync(join(service.build, 'Dockerfile'))).toBe(true);
      // Built from what is in src and sample.
      const [, script] = service.entrypoint ?? [];
      if (script !== undefined) expect(existsSync(script.replace('dist/', '').replace('.js', '.ts'))).toBe(true);
    }
    for (const name of Object.keys(volumes)) {
      expect(
        Object.values(services).some(({ volumes: used }) => used?.some((volume) => volume.startsWith(`${name}:`))),
      ).toBe(true);
    }
  });

  test('reaches every service by its name, on the port on which its image listens', () => {
    const { services } = composition();
    const environment = Object.values(services).flatMap((service) => Object.values(service.environment ?? {}));
    const grafana = readFileSync('deploy/grafana/provisioning/datasources/prometheus.yml', 'utf8');
    const addresses = [...[...environment, grafana].join(' ').matchAll(/\/\/(?:[^@/\s]+@)?([a-z]+):(\d+)/g)];

    expect(addresses.length).toBeGreaterThan(6);
    for (const [, name = '', port] of addresses) {
      expect(Object.keys(services)).toContain(name);
      expect({ name, port: PORTS[name] }).toEqual({ name, port: Number(port) });
    }
  });

  test('has the database that the service is told of', () => {
    const { services } = composition();
    const { username, password, hostname, pathname } = new URL(
      services.taskscope?.environment?.TASKSCOPE_HISTORY_URL ?? '',
    );

    expect(hostname).toBe('postgres');
    expect(services.postgres?.environment).toEqual({
      POSTGRES_USER: username,
      POSTGRES_PASSWORD: password,
      POSTGRES_DB: pathname.slice(1),
    });
  });

  test('takes images in a version of their own, never the latest', () => {
    for (const { image } of Object.values(composition().services)) {
      if (image !== undefined) expect(image).toMatch(/^[a-z/]+:v?\d+/);
    }
  });

  test('lets Prometheus find its configuration, the rules and the service', () => {
    const { services } = composition();
    const config = readFileSync('deploy/prometheus/prometheus.yml', 'utf8');

    expect(services.prometheus?.volumes).toContain('./deploy/prometheus:/etc/prometheus:ro');
    expect(config).toContain('targets: ["taskscope:8000"]');
    for (const [, file = ''] of config.matchAll(/^ {2}- (\S+-rules\.yml)$/gm))
      expect(existsSync(`deploy/prometheus/${file}`)).toBe(true);
  });

  test('starts a Celery application that is in its image, with the settings that it reads', () => {
    const { celery } = composition().services;
    const application = readFileSync('sample/celery/tasks.py', 'utf8');
    const image = readFileSync('sample/celery/Dockerfile', 'utf8');

    for (const name of Object.keys(celery?.environment ?? {}))
      expect(application).toContain(`os.environ.get("${name}"`);
    expect(image).toContain('COPY tasks.py');
    expect(image).toMatch(/^USER nobody$/m);
    for (const [, task] of application.matchAll(/"task": "tasks\.(\w+)"/g))
      expect(application).toContain(`\ndef ${task}(`);
  });
});

describe('the Dockerfile', () => {
  test('copies and starts what exists', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, words = '']) =>
      words.split(' '),
    );

    expect(copied.length).toBeGreaterThan(4);
    for (const path of copied) expect({ path, exists: existsSync(path) }).toEqual({ path, exists: true });
    expect(existsSync('src/cli.ts')).toBe(true);
  });

  test('starts the service as npm start does', () => {
    const [, start] = /"start": "(.+)"/.exec(readFileSync('package.json', 'utf8')) ?? [];
    const [, entry = '[]'] = /^ENTRYPOINT (.+)$/m.exec(dockerfile) ?? [];

    expect(JSON.parse(entry)).toEqual(start?.split(' '));
  });

  test('leaves nothing it copies out of its context, and does not run as root', () => {
    const kept = readFileSync('.dockerignore', 'utf8').split('\n');

    for (const path of [
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'nest-cli.json',
      'src',
      'agent',
      'sample',
    ]) {
      expect(kept).toContain(`!${path}`);
    }
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  test('sets variables that the service accepts', () => {
    const variables = Object.fromEntries(
      [...dockerfile.matchAll(/(TASKSCOPE_\w+)=(\S+)/g)].map(([, name = '', value]) => [name, value]),
    );

    expect(settingsFromEnvironment(variables)).toEqual({ host: '0.0.0.0', data: '/data' });
  });
});
