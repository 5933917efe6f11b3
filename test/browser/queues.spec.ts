import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { openPage, overflows, violationsOf } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { type MixedService, startMixedService } from '../support/mixed-service.js';

describe('the queues', () => {
  let service: MixedService;

  beforeAll(async () => {
    service = await startMixedService();
    await service.sender.sendMany({ name: 'tasks.sleep', args: [600], options: { queue: 'nobody' }, times: 3 });
    await service.queue.add('ok', { later: true }, { delay: 3_600_000 });
    await service.queue.add('ok', {}, { repeat: { cron: '0 3 * * *' } });
  }, 120_000);

  afterAll(() => service?.close());

  const open = async (path: string, options: Parameters<typeof openPage>[2] = {}) => {
    const { page, complaints } = await openPage(service.browser, `${service.dashboard}${path}`, options);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return { page, complaints };
  };

  test('are listed with what waits in them, and lead to each', async () => {
    const { page, complaints } = await open('/queues');

    await page.getByRole('row', { name: 'nobody' }).getByText('unattended').waitFor();
    await page.getByText('2 brokers').click();
    await page.getByText('Watching costs it').first().waitFor();
    await page.getByText('every write is appended to a file').first().waitFor();
    await page.getByRole('combobox', { name: 'State' }).selectOption('unattended');
    await page.getByRole('row', { name: 'orders' }).waitFor({ state: 'detached' });
    await page.getByRole('grid').getByRole('link', { name: 'nobody' }).click();
    await page.getByRole('heading', { name: 'nobody' }).waitFor();
    await page.getByText('Nobody takes from this queue.').waitFor();

    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('show the first tasks that wait, with their arguments, and leave them where they are', async () => {
    const { page } = await open('/queues/nobody?in=app');

    await page.getByRole('button', { name: 'Look into the queue' }).click();
    const first = page.getByRole('list', { name: 'The first 3 of 3' }).getByRole('listitem').first();
    await first.getByRole('link', { name: 'tasks.sleep' }).waitFor();
    await first.getByText('600').waitFor();
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByRole('list', { name: 'The first 3 of 3' }).waitFor();

    expect(await violationsOf(page)).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('tell who takes from them, and what repeats in them', async () => {
    const { page } = await open('/queues/orders?in=shop');

    await page.getByRole('region', { name: 'Taken from by' }).getByText('online').waitFor();
    await page.getByRole('region', { name: 'Schedules' }).getByText('0 3 * * *').waitFor();
    await page.getByRole('figure').filter({ hasText: 'In the queue' }).locator('canvas').waitFor();
    await page.context().close();
  }, 60_000);

  test.each(['light', 'dark'] as const)(
    'have no accessibility violation in the %s theme',
    async (colorScheme) => {
      const { page } = await open('/queues/orders?in=shop', { colorScheme });
      await page.getByRole('region', { name: 'Schedules' }).waitFor();

      expect(await violationsOf(page)).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  test.each([1440, 1024, 390])(
    'fit %d pixels',
    async (width) => {
      const { page } = await open('/queues', { viewport: { width, height: 844 } });
      await page.getByRole('row', { name: 'orders' }).waitFor();
      expect(await overflows(page)).toBe(false);

      await page.goto(`${service.dashboard}/queues/orders?in=shop`);
      await page.getByRole('region', { name: 'Schedules' }).waitFor();
      expect(await overflows(page)).toBe(false);
      await page.context().close();
    },
    60_000,
  );

  test.each(['light', 'dark'] as const)(
    'are under a warning where Redis throws keys away, in the %s theme',
    async (colorScheme) => {
      await service.configureRedis('maxmemory-policy', 'allkeys-lru');
      const { page } = await open('/queues', { colorScheme });

      await page.getByText('the eviction policy allkeys-lru throws keys away').first().waitFor({ timeout: 30_000 });
      expect(await violationsOf(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      await page.goto(service.dashboard);
      await page.getByRole('region', { name: 'Sources' }).getByRole('link', { name: '1 warning' }).first().waitFor();
      expect(await violationsOf(page)).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  const act = async (page: Page, control: string, choose: (dialog: Locator) => Promise<unknown>, verb: string) => {
    const controls = page.getByRole('group', { name: 'Controls of orders' });
    await controls.getByRole('button', { name: control }).click();
    const dialog = page.getByRole('dialog');
    await choose(dialog);
    await dialog.getByRole('button', { name: verb, exact: true }).click();
    await dialog.getByText('done').waitFor({ timeout: 30_000 });
    await dialog.getByRole('button', { name: 'Close' }).click();
  };

  test('are paused and resumed', async () => {
    const { page } = await open('/queues/orders?in=shop');

    await act(page, 'Pause', async () => {}, 'Pause');
    expect(await service.queue.isPaused()).toBe(true);
    await page.getByText('paused', { exact: true }).waitFor();
    await act(page, 'Resume', async () => {}, 'Resume');
    expect(await service.queue.isPaused()).toBe(false);
    await page.context().close();
  }, 60_000);

  test('let what is delayed run now', async () => {
    const { page } = await open('/queues/orders?in=shop');
    const job = await service.queue.add('ok', { soon: true }, { delay: 1_800_000 });

    const row = page.getByRole('region', { name: 'Delayed' }).getByRole('listitem').first();
    await row.getByText('due in 29').or(row.getByText('due in 30')).waitFor({ timeout: 30_000 });
    await row.getByRole('button', { name: 'Run now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).click();
    await eventually(async () => expect(await job.isCompleted()).toBe(true), { within: 20_000 });
    await page.context().close();
  }, 60_000);

  test('are cleaned and drained of what was counted', async () => {
    await service.queue.addBulk([
      { name: 'fail', data: {} },
      { name: 'fail', data: {} },
    ]);
    await eventually(async () => expect(await service.queue.getFailedCount()).toBe(2), { within: 20_000 });
    const { page } = await open('/queues/orders?in=shop');

    await act(page, 'Clean', (dialog) => dialog.getByText('2 tasks').waitFor(), 'Remove');
    expect(await service.queue.getFailedCount()).toBe(0);

    await service.queue.pause();
    await service.queue.addBulk([
      { name: 'ok', data: {} },
      { name: 'ok', data: {} },
      { name: 'ok', data: {} },
    ]);
    const drain = async (dialog: Locator) => {
      await dialog.getByText('3 tasks').waitFor();
      expect(await dialog.getByRole('button', { name: 'Drain' }).isDisabled()).toBe(true);
      await dialog.getByLabel('Type drain to go on').fill('drain');
    };
    await act(page, 'Drain', drain, 'Drain');
    expect(await service.queue.getWaitingCount()).toBe(0);
    await service.queue.resume();
    await page.context().close();
  }, 60_000);
});
