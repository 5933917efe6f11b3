import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPage, overflows, violationsOf } from '../support/browser.js';
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
});
