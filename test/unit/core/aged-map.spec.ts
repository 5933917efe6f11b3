import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AgedMap } from '../../../src/core/aged-map.js';

const KEYS = 6;

describe('a map that knows its oldest entry', () => {
  test('answers as a list in the order of arrival does, whatever is done to it', () => {
    const step = fc.record({
      what: fc.constantFrom('set', 'delete', 'oldest', 'drop'),
      key: fc.nat(KEYS),
      value: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const map = new AgedMap<number, number>();
        const model: { key: number; value: number }[] = [];
        for (const { what, key, value } of steps) {
          const at = model.findIndex((entry) => entry.key === key);
          if (what === 'set') {
            map.set(key, value);
            if (at < 0) model.push({ key, value });
            else model.splice(at, 1, { key, value });
          } else if (what === 'delete') {
            expect(map.delete(key)).toBe(at >= 0);
            if (at >= 0) model.splice(at, 1);
          } else if (what === 'oldest') expect(map.oldest()).toBe(model[0]?.value);
          else expect(map.dropOldest()).toBe(model.shift()?.value);
          expect([...map.entries()]).toEqual(model.map((entry) => [entry.key, entry.value]));
        }
      }),
    );
  });

  test('takes no more room for what came and went, also where the oldest is never asked for', () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const map = new AgedMap<string, number>();
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let at = 0; at < 300_000; at += 1) {
      map.set(`k${at}`, at);
      map.delete(`k${at}`);
    }
    collect();

    expect(map.size).toBe(0);
    expect((process.memoryUsage().heapUsed - before) / 1024 / 1024).toBeLessThan(10);
  });

  test('hands over many as a queue, and those that come later', () => {
    const map = new AgedMap<number, number>();
    for (let at = 0; at < 1_000; at += 1) map.set(at, at);
    const dropped: (number | undefined)[] = [];
    for (let at = 1_000; at < 5_000; at += 1) {
      map.set(at, at);
      dropped.push(map.dropOldest());
    }

    expect(dropped).toEqual(Array.from({ length: 4_000 }, (_, at) => at));
    expect(map.size).toBe(1_000);
    expect([...map.values()].length).toBe(1_000);
  });
});
