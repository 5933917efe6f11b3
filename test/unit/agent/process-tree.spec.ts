import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { readProcessTree } from '../../../agent/process-tree.js';
import { ResourceMeter } from '../../../agent/resource-meter.js';
import { eventually } from '../../support/eventually.js';

const linux = process.platform === 'linux' ? test : test.skip;

describe('the process tree', () => {
  linux('is this process and its descendants, with their memory', async () => {
    const alone = await readProcessTree(process.pid);
    // A shell that stays, and its own child.
    const shell = spawn('sh', ['-c', 'sleep 1 & wait'], { stdio: 'ignore' });

    const tree = await eventually(async () => {
      const now = await readProcessTree(process.pid);
      expect(now.processCount).toBe(alone.processCount + 2);
      return now;
    });

    expect(tree.memoryBytes).toBeGreaterThan(process.memoryUsage.rss() / 2);
    shell.kill('SIGKILL');
    await once(shell, 'exit');
  });

  linux('fails for a process that is not there', async () => {
    await expect(readProcessTree(2 ** 22 + 1)).rejects.toThrow('not in /proc');
  });

  test('gives the share of CPU between two measurements', async () => {
    const meter = new ResourceMeter();
    await meter.measure();
    expect(meter.last).toBeNull();
    const end = performance.now() + 200;
    while (performance.now() < end);

    await meter.measure();

    expect(meter.last?.cpuPercent).toBeGreaterThan(20);
    expect(meter.last?.processCount).toBeGreaterThanOrEqual(1);
  });
});
