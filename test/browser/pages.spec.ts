import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hashPassword } from '../../src/auth/password.js';
import { openPage, overflows, violationsOf } from '../support/browser.js';
import {
  type DashboardService,
  QUEUE,
  startDashboardService,
  startDashboardServiceWith,
} from '../support/dashboard-service.js';
import { eventually } from '../support/eventually.js';

const PAGES = ['failures', 'audit', 'settings', 'workers', 'queues'];

describe('failures, audit and settings', () => {
  let service: DashboardService;
  const opened = (path: string, options = {}) => openPage(service.browser, `${service.dashboard}/${path}`, options);

  beforeAll(async () => {
    service = await startDashboardService();
    for (let at = 0; at < 3; at += 1) await service.queue.add('fail', { at });
    await eventually(
      async () => {
        const found = await fetch(`${service.url}/api/v1/celery/failures`);
        expect(await found.json()).toMatchObject({ failures: 3 });
      },
      { within: 30_000, every: 200 },
    );
  }, 120_000);

  afterAll(() => service?.close());

  test('show failures by cause, with a sample, and lead to the tasks', async () => {
    const { page, complaints } = await opened('failures');
    await page.getByText('3 failures of 1 cause').waitFor();

    await page.getByRole('button', { name: 'Show a sample' }).click();
    await page.getByRole('region', { name: 'Traceback' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('link', { name: `${QUEUE}.fail` }).click();
    await page.getByRole('grid', { name: 'Tasks, 3 rows' }).waitFor();

    expect(complaints).toEqual([]);
    await page.context().close();
  }, 90_000);

  test('show in the audit what has just been done, and by whom', async () => {
    const { page } = await opened('audit');
    await page.getByText('Nobody has changed anything yet').waitFor();

    await fetch(`${service.url}/api/v1/celery/tasks/${QUEUE}:1/retry`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{}',
    });

    await page.getByRole('gridcell', { name: 'retryTask' }).waitFor();
    await page.getByRole('gridcell', { name: 'retryTask' }).click();
    await page.getByRole('dialog').getByText(`${QUEUE}:1`).first().waitFor();
    await page.context().close();
  }, 90_000);

  test('make an API token, show it once, and revoke it', async () => {
    const { page } = await opened('settings');

    await page.getByRole('button', { name: 'Make one …' }).click();
    await page.getByLabel('What uses it').fill('prometheus');
    await page.getByRole('button', { name: 'Make it' }).click();
    const token = (await page.getByRole('dialog').getByRole('code').textContent()) ?? '';
    expect(token.length).toBeGreaterThan(20);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('prometheus').waitFor();
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('It is good for nothing any more.').waitFor();

    const left = await fetch(`${service.url}/api/v1/celery/tokens`);
    expect(await left.json()).toMatchObject({ items: [] });
    await page.context().close();
  }, 90_000);

  test.each(PAGES.flatMap((path) => [[path, 'light'] as const, [path, 'dark'] as const]))(
    '/%s has no accessibility violation in the %s theme',
    async (path, colorScheme) => {
      const { page } = await opened(path, { colorScheme });
      await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
      await eventually(async () => expect(await page.locator('.loading').count()).toBe(0), { within: 15_000 });

      expect(await violationsOf(page)).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  test.each(PAGES.flatMap((path) => [1440, 1024, 390].map((width) => [path, width] as const)))(
    '/%s fits %d pixels',
    async (path, width) => {
      const { page } = await opened(path, { viewport: { width, height: 844 } });
      await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });

      expect(await overflows(page)).toBe(false);
      await page.context().close();
    },
    60_000,
  );
});

describe('a read-only service', () => {
  test('says so, and keeps every button that would change something from it, with the reason', async () => {
    const service = await startDashboardService('--read-only');
    try {
      await service.queue.add('fail', {}, { jobId: 'broken' });
      const { page } = await openPage(service.browser, `${service.dashboard}/tasks/${QUEUE}:broken`);
      await page.getByRole('heading', { name: `${QUEUE}.fail` }).waitFor();
      await page.getByText('read-only', { exact: true }).waitFor();
      await page.getByText('failed').first().waitFor();

      const again = page.getByRole('button', { name: 'Run again …' });
      expect(await again.getAttribute('aria-disabled')).toBe('true');
      expect(await again.getAttribute('title')).toMatch('read-only');
      await again.click({ force: true });
      expect(await page.getByRole('dialog').count()).toBe(0);
    } finally {
      await service.close();
    }
  }, 120_000);
});

describe('a service where one has to sign in', () => {
  test('asks for name and password, and shows nothing before', async () => {
    const service = await startDashboardServiceWith({
      env: {
        TASKSCOPE_AUTH_USERS: JSON.stringify([
          { name: 'ada', role: 'viewer', passwordHash: await hashPassword('correct horse') },
        ]),
      },
    });
    try {
      const { page } = await openPage(service.browser, `${service.dashboard}/tasks`);
      await page.getByLabel('Name').fill('ada');
      expect(await violationsOf(page)).toEqual([]);
      await page.getByLabel('Password').fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('navigation').count()).toBe(0);

      await page.getByLabel('Password').fill('correct horse');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('combobox', { name: 'Filter' }).waitFor();
      // A viewer sees no audit.
      expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
      await page.getByLabel('Appearance').click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('Password').waitFor();
    } finally {
      await service.close();
    }
  }, 120_000);
});
