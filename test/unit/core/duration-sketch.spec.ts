import { describe, expect, test } from '@jest/globals';
import { SketchBuilder } from '../../../src/core/duration-sketch.js';

describe('a sketch of durations', () => {
  test('tells quantiles within 5 %, from a tenth of a millisecond to days', () => {
    for (const scale of [0.1, 1, 100, 10_000, 10_000_000]) {
      const sketch = new SketchBuilder();
      for (let at = 1; at <= 1_000; at += 1) sketch.add((at * scale) / 1_000);
      for (const share of [0.5, 0.95, 0.99]) {
        const wanted = (share * scale) / 1_000;
        expect(Math.abs((sketch.quantile(share) ?? 0) / wanted - 1)).toBeLessThan(0.055);
      }
    }
  });

  test('adds up to the same whether told at once or in parts', () => {
    const whole = new SketchBuilder();
    const parts = [new SketchBuilder(), new SketchBuilder()];
    for (let at = 0; at < 500; at += 1) {
      whole.add(at);
      parts[at % 2]?.add(at);
    }
    const joined = new SketchBuilder();
    for (const part of parts) joined.merge(part.take());

    expect(joined.take()).toEqual(whole.take());
  });

  test('knows nothing of nothing, and leaves out what is no duration', () => {
    const sketch = new SketchBuilder();
    sketch.add(-1);
    sketch.add(Number.NaN);

    expect(sketch.take()).toEqual([]);
    expect(sketch.quantile(0.5)).toBeNull();
  });
});
