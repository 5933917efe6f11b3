import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openPage } from '../support/browser.js';
import { type DashboardService, QUEUE, startDashboardService } from '../support/dashboard-service.js';
import { eventually } from '../support/eventually.js';
import { HOSTILE_STRINGS } from '../support/hostile-strings.js';

/** Bull itself puts ids into Redis keys: these it takes. */
const AS_IDS = HOSTILE_STRINGS.filter((text) => text.length < 200 && !text.includes('\u0000'));

/** Half a character cannot be percent-encoded. */
const IN_ADDRESSES = AS_IDS.filter((text) => !/\p{Surrogate}/u.test(text));

describe('hostile strings', () => {
  let service: DashboardService;

  /** What a script that ran would have left behind. */
  const hacked = async (page: Page): Promise<unknown> => page.evaluate('typeof hacked !== "undefined"');

  beforeAll(async () => {
    service = await startDashboardService();
    // As names they have no handler, so that each comes back as the message of an error too.
    await service.queue.addBulk(
      HOSTILE_STRINGS.map((text) => ({ name: text, data: { [text]: text, list: [text] }, opts: { attempts: 1 } })),
    );
    await service.queue.addBulk(AS_IDS.map((text) => ({ name: 'ok', data: {}, opts: { jobId: text } })));
    for (const text of HOSTILE_STRINGS.filter((_, at) => at % 4 === 0)) {
      await service.queue.add(text, {}, { repeat: { cron: '0 3 * * *' } });
    }
    await service.queue.add('ok', Object.fromEntries(HOSTILE_STRINGS.map((text) => [text, text])), { jobId: 'all' });
    await eventually(
      async () => {
        const found = await fetch(`${service.url}/api/v1/celery/tasks?state=SUCCESS,FAILURE`);
        expect(await found.json()).toMatchObject({ total: expect.any(Number) });
        const task = await fetch(`${service.url}/api/v1/celery/tasks/${QUEUE}%3Aall/status`);
        expect(await task.json()).toMatchObject({ state: 'SUCCESS' });
      },
      { within: 30_000, every: 200 },
    );
  }, 120_000);

  afterAll(() => service?.close());

  test.each([
    '',
    'tasks',
    'workers',
    'queues',
    `queues/${QUEUE}?in=shop`,
    'timeline',
    'failures',
    'schedules',
    'audit',
    'settings',
  ])(
    'run no script on /%s',
    async (path) => {
      const { page, complaints } = await openPage(service.browser, `${service.dashboard}/${path}`);
      await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
      await page.waitForLoadState('networkidle').catch(() => undefined);

      expect(await hacked(page)).toBe(false);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  test('are shown as they are in the list, and in the task beside it', async () => {
    const { page, complaints } = await openPage(service.browser, `${service.dashboard}/tasks?q=state:FAILURE`);
    const grid = page.getByRole('grid', { name: /Tasks/ });
    await grid.getByText('<img src=x onerror=hacked=1>').first().waitFor();

    await grid.focus();
    for (let row = 0; row < 12; row += 1) {
      await page.keyboard.press('ArrowDown');
      if (row === 0) await page.keyboard.press('Enter');
      await page.getByRole('complementary', { name: 'Task' }).getByRole('heading', { level: 2 }).waitFor();
    }

    expect(await hacked(page)).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 90_000);

  test('are shown as they are among arguments, all of them', async () => {
    const { page, complaints } = await openPage(service.browser, `${service.dashboard}/tasks/${QUEUE}:all`);
    await page.getByRole('heading', { name: 'Arguments' }).waitFor();
    await page.getByText('"<svg onload=hacked=1>"').first().waitFor();

    expect(await hacked(page)).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('name nothing else in an address, a filter or the palette', async () => {
    const { page, complaints } = await openPage(service.browser, service.dashboard);
    for (const text of IN_ADDRESSES.filter((_, at) => at % 6 === 0)) {
      await page.goto(`${service.dashboard}/tasks/${encodeURIComponent(`${QUEUE}:${text}`)}`);
      await page.getByRole('heading', { level: 1, name: 'Task' }).waitFor({ state: 'attached' });
      await page.goto(`${service.dashboard}/tasks?q=${encodeURIComponent(text)}&source=${encodeURIComponent(text)}`);
      await page.getByRole('combobox', { name: 'Filter' }).waitFor();
    }
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search' }).fill('<img src=x onerror=hacked=1>');
    await page.getByRole('option', { name: /Open the task/ }).waitFor();

    expect(await hacked(page)).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);

  test('would be noticed if they ran', async () => {
    const { page } = await openPage(service.browser, service.dashboard);
    await page.evaluate('globalThis.hacked = 1');

    expect(await hacked(page)).toBe(true);
    await page.context().close();
  }, 60_000);
});
