import { describe, expect, test } from '@jest/globals';
import type { WorkerResources } from '../../../src/core/worker.js';
import { DiskIo } from '../../../src/metrics/disk-io.js';
import { counter, gauge, histogram } from '../../../src/metrics/metric-definition.js';
import { MetricFamilies } from '../../../src/metrics/metric-families.js';
import type { MeasuredProcess } from '../../../src/metrics/monitor-process.js';

const textOf = async (families: MetricFamilies) =>
  (await families.registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('a gauge of a look', () => {
  test('shows what the last look set, and nothing else', async () => {
    const families = new MetricFamilies(10);
    const length = families.gauge(gauge('length', ['queue'], ['queue'], 'sum', 'x'));
    length.show((set) => {
      set(3, 'a');
      set(4, 'b');
    });
    length.show((set) => {
      set(5, 'b');
      set(null, 'unknown');
    });

    expect(await textOf(families)).toEqual(['length{queue="b"} 5']);
  });

  test.each([
    ['sum', ['g{queue="0"} 0', 'g{queue="1"} 1', 'g{queue="__other__"} 9']],
    ['max', ['g{queue="0"} 0', 'g{queue="1"} 1', 'g{queue="__other__"} 4']],
    ['min', ['g{queue="0"} 0', 'g{queue="1"} 1', 'g{queue="__other__"} 2']],
    ['none', ['g{queue="0"} 0', 'g{queue="1"} 1']],
  ] as const)('folds by %s what is beyond the cap', async (fold, expected) => {
    const families = new MetricFamilies(2);
    const folded = families.gauge(gauge('g', ['queue'], ['queue'], fold, 'x'));
    folded.show((set) => {
      for (let at = 0; at < 5; at += 1) set(at, String(at));
    });

    expect(await textOf(families)).toEqual(expected);
    expect(folded.overflow).toBe(3);
  });

  test('keeps a shown series when others come, and gives the place of one that left', async () => {
    const families = new MetricFamilies(2);
    const length = families.gauge(gauge('g', ['queue'], ['queue'], 'sum', 'x'));
    const look = (...queues: string[]) =>
      length.show((set) => {
        for (const queue of queues) set(1, queue);
      });
    look('m', 'n');
    look('a', 'm', 'n');
    expect(await textOf(families)).toEqual(['g{queue="m"} 1', 'g{queue="n"} 1', 'g{queue="__other__"} 1']);

    look('a', 'm');
    look('a', 'm');
    expect(await textOf(families)).toEqual(['g{queue="m"} 1', 'g{queue="a"} 1']);
  });
});

describe('prom-client', () => {
  test('reads the same numbers as JSON and writes the same text, one metric at a time too', async () => {
    const families = new MetricFamilies(10);
    families.counter(counter('c_total', ['a'], ['a'], 'x')).series('1').value = 7;
    families.gauge(gauge('g', ['a'], ['a'], 'sum', 'x')).show((set) => set(8, 'quote " backslash \\'));
    families
      .histogram(histogram('h', ['a'], ['a'], [1, 2], 'x'))
      .series('3')
      .observe(2);

    const { registry } = families;
    const json = await registry.getMetricsAsJSON();
    expect(json.map(({ values }) => values.map(({ labels, value }) => [labels, value]))).toEqual([
      [[{ a: '1' }, 7]],
      [[{ a: 'quote " backslash \\' }, 8]],
      [
        [{ le: '1', a: '3' }, 0],
        [{ le: '2', a: '3' }, 1],
        [{ le: '+Inf', a: '3' }, 1],
        [{ a: '3' }, 2],
        [{ a: '3' }, 1],
      ],
    ]);
    const single = await Promise.all(['c_total', 'g', 'h'].map((name) => registry.getSingleMetricAsString(name)));
    expect(await registry.metrics()).toBe(`${single.join('\n\n')}\n`);
  });
});

describe('disk I/O', () => {
  const resources = (diskReadBytes: number | null): WorkerResources => ({
    measuredAt: 0,
    processType: 'worker',
    memoryBytes: 1,
    cpuPercent: 1,
    diskReadBytes,
    diskWriteBytes: null,
    processCount: 1,
  });
  const measured = (bytes: number | null, pid = 1): MeasuredProcess => ({
    source: 'main',
    name: 'w1',
    pid,
    startedAt: pid,
    resources: resources(bytes),
  });

  test('never falls: a restart adds, a lost child does not, and the series ends with its worker', async () => {
    const families = new MetricFamilies(10);
    const disk = new DiskIo(
      families.counter(
        counter('d_total', ['operation', 'process_type', 'worker_name', 'source'], ['worker_name'], 'x'),
      ),
    );
    const read = async (...processes: readonly MeasuredProcess[]) => {
      disk.look(processes);
      return (await textOf(families)).map((line) => Number(line.slice(line.lastIndexOf(' '))));
    };

    expect(await read(measured(1000))).toEqual([1000]);
    expect(await read(measured(1500))).toEqual([1500]);
    expect(await read(measured(200))).toEqual([1500]);
    expect(await read(measured(300))).toEqual([1600]);
    expect(await read(measured(50, 2))).toEqual([1650]);
    expect(await read()).toEqual([]);
    expect(await read(measured(null))).toEqual([]);
  });
});
