import { describe, expect, test } from '@jest/globals';
import { SampleSettings } from '../../../sample/sample-settings.js';
import { nightlyFlow } from '../../../sample/warehouse/nightly-flow.js';
import { warehouseOptions } from '../../../sample/warehouse/warehouse-connection.js';

describe('the sample’s nightly report', () => {
  const children = nightlyFlow(1, 'refunds').children ?? [];

  test('waits for children in two other queues', () => {
    expect(nightlyFlow(1).queueName).toBe('nightly');
    expect(new Set(children.map(({ queueName }) => queueName))).toEqual(new Set(['extracts', 'charts']));
  });

  test('fails for want of an extract, and goes without a chart', () => {
    for (const { queueName, opts } of children) {
      expect([queueName, opts?.failParentOnFailure ?? false, opts?.ignoreDependencyOnFailure ?? false]).toEqual(
        queueName === 'extracts' ? ['extracts', true, false] : ['charts', false, true],
      );
    }
  });

  test('misses the one table that it is told to', () => {
    expect(children.filter(({ data }) => data.gone === true).map(({ data }) => data.source)).toEqual(['refunds']);
    expect(nightlyFlow(1).children?.some(({ data }) => data.gone === true)).toBe(false);
  });
});

describe('the sample’s two halves', () => {
  const settings = new SampleSettings({ SAMPLE_RATE: '10', SAMPLE_REDIS_URL: 'redis://127.0.0.1:7000/2' });

  test('add as much together as they were asked for', () => {
    expect(settings.bullRate + settings.bullmqRate).toBeCloseTo(10);
  });

  test('have prefixes of their own in one Redis', () => {
    expect(warehouseOptions(settings)).toMatchObject({
      prefix: 'bullmq',
      connection: { url: 'redis://127.0.0.1:7000/2' },
    });
  });
});
