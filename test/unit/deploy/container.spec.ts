import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { settingsFromEnvironment } from '../../../src/config/environment.js';
import { parseCommandLine } from '../../../src/config/flags.js';
import { loadSettings } from '../../../src/config/load-settings.js';

interface Service {
  readonly environment?: Record<string, string>;
  readonly ports?: readonly string[];
  readonly depends_on?: Record<string, unknown>;
  readonly volumes?: readonly string[];
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

describe('docker-compose.yml', () => {
  test('gives the service settings that it accepts, on the port that it publishes to this machine alone', () => {
    const { environment = {}, ports } = composition().services.taskscope ?? {};

    const settings = loadSettings(parseCommandLine([]), { ...environment, TASKSCOPE_HOST: '0.0.0.0' });

    expect(settings).toMatchObject({ insecure: true, brokers: [{ url: 'redis://redis:6379/0' }] });
    expect(ports).toEqual([`127.0.0.1:${settings.port}:${settings.port}`]);
  });

  test('names only services and volumes that it has', () => {
    const { services, volumes } = composition();

    for (const service of Object.values(services)) {
      for (const name of Object.keys(service.depends_on ?? {})) expect(Object.keys(services)).toContain(name);
      for (const volume of service.volumes ?? []) expect(Object.keys(volumes)).toContain(volume.split(':')[0]);
    }
  });
});

describe('the Dockerfile', () => {
  test('copies and starts what exists', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, words = '']) =>
      words.split(' '),
    );

    expect(copied.length).toBeGreaterThan(4);
    for (const path of copied) expect({ path, exists: existsSync(path) }).toEqual({ path, exists: true });
    expect(dockerfile).toContain('ENTRYPOINT ["node", "dist/src/cli.js"]');
    expect(existsSync('src/cli.ts')).toBe(true);
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
