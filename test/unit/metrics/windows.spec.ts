import { describe, expect, test } from '@jest/globals';
import { DurationWindow, durationQuantiles } from '../../../src/metrics/duration-window.js';
import { FailureWindow } from '../../../src/metrics/failure-window.js';
import { RateWindow } from '../../../src/metrics/rate-window.js';

describe('the failure window', () => {
  test('counts exactly the last 60 seconds', () => {
    const window = new FailureWindow();
    window.add(0, 1);
    window.add(30_000, 2);
    window.add(59_999, 1);

    expect(window.count(59_999)).toBe(4);
    expect(window.count(60_000)).toBe(3);
    expect(window.count(89_999)).toBe(3);
    expect(window.count(90_000)).toBe(1);
    expect(window.count(119_999)).toBe(0);
  });

  test('agrees with a plain list over ten thousand irregular failures', () => {
    const window = new FailureWindow();
    const all: number[] = [];
    let now = 0;
    for (let step = 0; step < 10_000; step += 1) {
      now += (step * 7919) % 97;
      const count = 1 + (step % 3);
      window.add(now, count);
      for (let n = 0; n < count; n += 1) all.push(now);
      if (step % 50 === 0) expect(window.count(now)).toBe(all.filter((at) => at > now - 60_000).length);
    }
  });
});

describe('the rate window', () => {
  test('tells the rate over one, five and fifteen minutes', () => {
    const window = new RateWindow(0);
    for (let second = 0; second < 3600; second += 1) window.add(second * 1000, second < 3300 ? 1 : 4);

    expect(window.perSecond(3_599_999, 1)).toBeCloseTo(4, 1);
    expect(window.perSecond(3_599_999, 5)).toBeCloseTo(4, 1);
    expect(window.perSecond(3_599_999, 15)).toBeCloseTo(2, 1);
  });

  test('does not dilute what is young with the time before it', () => {
    const window = new RateWindow(5_000_000);
    for (let second = 0; second < 30; second += 1) window.add(5_000_000 + second * 1000, 2);

    expect(window.perSecond(5_030_000, 15)).toBeCloseTo(2, 5);
  });

  test('is empty after a long silence', () => {
    const window = new RateWindow(0);
    window.add(0, 100);

    expect(window.perSecond(10 * 3_600_000, 15)).toBe(0);
  });
});

describe('the duration window', () => {
  const QUANTILES = [0.5, 0.95, 0.99];

  test.each([
    ['seconds', (at: number) => 1000 + at],
    ['milliseconds and hours', (at: number) => 1.001 ** at],
    ['a second at most', (at: number) => (at + 1) / 10],
  ])('is within 2 %% of the truth: %s', (_, duration) => {
    const window = new DurationWindow(300_000);
    const truth: number[] = [];
    for (let at = 0; at < 10_000; at += 1) {
      const ms = duration((at * 7919) % 10_000);
      truth.push(ms / 1000);
      // Over all of the window, so that its sketches are merged.
      window.add(at * 25, ms);
    }
    truth.sort((a, b) => a - b);

    const found = durationQuantiles([window], 250_000, QUANTILES) ?? [];
    QUANTILES.forEach((quantile, at) => {
      const expected = truth[Math.floor(quantile * (truth.length - 1))] ?? Number.NaN;
      expect(Math.abs((found[at] ?? Number.NaN) - expected) / expected).toBeLessThan(0.02);
    });
  });

  test('forgets what has left the window, and says that it holds nothing', () => {
    const window = new DurationWindow(300_000);
    window.add(0, 100_000);
    window.add(0, 100_000);
    window.add(200_000, 1000);

    expect(durationQuantiles([window], 240_000, [0.99])?.[0]).toBeCloseTo(100, -1);
    expect(durationQuantiles([window], 310_000, [0.99])?.[0]).toBeCloseTo(1, 1);
    expect(durationQuantiles([window], 600_000, [0.99])).toBeNull();
  });

  test('is not harmed by absurd durations', () => {
    const window = new DurationWindow(300_000);
    for (const ms of [0, 1e-300, 1e300, Number.MAX_VALUE]) window.add(0, ms);

    expect(durationQuantiles([window], 0, QUANTILES)?.every(Number.isFinite)).toBe(true);
  });
});
