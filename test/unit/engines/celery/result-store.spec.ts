import { expect, test } from '@jest/globals';
import { parseResultStore } from '../../../../src/engines/celery/result-store.js';

test.each([
  ['db+postgresql://u:p@h:5432/d', { kind: 'postgres', url: 'postgresql://u:p@h:5432/d' }],
  [
    'db+postgresql+psycopg2://u:p@h/d?sslmode=require',
    { kind: 'postgres', url: 'postgresql://u:p@h/d?sslmode=require' },
  ],
  ['postgres://h/d', { kind: 'postgres', url: 'postgresql://h/d' }],
  ['db+sqlite:///results.db', { kind: 'sqlite', file: 'results.db' }],
  ['db+sqlite:////var/lib/results.db', { kind: 'sqlite', file: '/var/lib/results.db' }],
])('a result backend is %s', (url, store) => {
  expect(parseResultStore(url)).toEqual(store);
});

test('a result backend is a Redis, as brokers are written', () => {
  expect(parseResultStore('redis://h:6380/3')).toMatchObject({ kind: 'redis', settings: { database: 3 } });
});

test.each(['amqp://u:secret@h//', 'db+sqlite://', 'db+mysql://u:secret@h/d'])(
  '%s is refused without its password',
  (url) => {
    expect(() => parseResultStore(url)).toThrow(/expected/);
    expect(() => parseResultStore(url)).not.toThrow(/secret/);
  },
);
