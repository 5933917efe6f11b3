import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openPage, overflows, violationsOf } from '../support/browser.js';
import { type DashboardService, startDashboardService } from '../support/dashboard-service.js';
import { eventually } from '../support/eventually.js';

describe('the schedules', () => {
  let service: DashboardService;

  beforeAll(async () => {
    service = await startDashboardService();
    await service.queue.add('ok', { nightly: true }, { repeat: { cron: '0 3 * * *' } });
    await service.queue.add('ok', { often: true }, { repeat: { every: 3_600_000 } });
  }, 120_000);

  afterAll(() => service?.close());

  const open = async (options: Parameters<typeof openPage>[2] = {}) => {
    const { page, complaints } = await openPage(service.browser, `${service.dashboard}/schedules`, options);
    await page.getByText('2 schedules').waitFor({ timeout: 30_000 });
    return { page, complaints };
  };
  const press = (page: Page, name: string) =>
    page.getByRole('dialog').getByRole('button', { name, exact: true }).click();

  test.each([
    ['light', 1440],
    ['dark', 1024],
    ['dark', 390],
  ] as const)(
    'are listed without an accessibility violation in the %s theme, and fit %d pixels',
    async (colorScheme, width) => {
      const { page, complaints } = await open({ colorScheme, viewport: { width, height: 844 } });
      await page
        .getByRole('row')
        .filter({ hasText: 'orders.ok' })
        .first()
        .click({ position: { x: 300, y: 16 } });
      await page.getByRole('dialog').getByText('Missed runs').waitFor();

      expect(await violationsOf(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  test('run now when told, beside their next run', async () => {
    const { page } = await open();
    const before = await service.queue.getCompletedCount();
    const row = page.getByRole('row').filter({ hasText: '0 3 * * *' });

    await row.getByRole('button', { name: 'Run now' }).click();
    await press(page, 'Run now');
    await page.getByRole('dialog').getByText('Its task').waitFor({ timeout: 30_000 });
    await eventually(async () => expect(await service.queue.getCompletedCount()).toBeGreaterThan(before), {
      within: 20_000,
    });

    await press(page, 'Close');
    await row.waitFor();
    await page.context().close();
  }, 60_000);

  test('are removed once the word is typed', async () => {
    const { page } = await open();
    const row = page.getByRole('row').filter({ hasText: '0 3 * * *' });

    await row.getByRole('button', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Remove' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Type remove to go on').fill('remove');
    await press(page, 'Remove');
    await dialog.getByRole('button', { name: 'Close' }).click({ timeout: 30_000 });

    await row.waitFor({ state: 'detached' });
    expect(await service.queue.getRepeatableCount()).toBe(1);
    await page.context().close();
  }, 60_000);
});
