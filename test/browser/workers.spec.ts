import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openPage, overflows, violationsOf } from '../support/browser.js';
import { type MixedService, startMixedService } from '../support/mixed-service.js';

describe('the workers', () => {
  let service: MixedService;

  beforeAll(async () => {
    service = await startMixedService();
    await service.sender.sendMany({ name: 'tasks.sleep', args: [600], times: 3 });
    await service.sender.send({ name: 'tasks.add', args: [1, 2], options: { countdown: 3_600 } });
  }, 120_000);

  afterAll(() => service?.close());

  const address = () => `${service.dashboard}/workers/${encodeURIComponent(service.worker.name)}?in=app`;
  const open = async (options: Parameters<typeof openPage>[2] = {}) => {
    const { page, complaints } = await openPage(service.browser, address(), options);
    await page.getByRole('heading', { name: service.worker.name }).waitFor();
    return { page, complaints };
  };

  test('are listed by host, can be found, and lead to each', async () => {
    const { page, complaints } = await openPage(service.browser, `${service.dashboard}/workers`);

    await page.getByRole('row', { name: 'test 1 worker' }).waitFor();
    await page.getByLabel('Find workers').fill('hands');
    await page.getByRole('row', { name: service.worker.name }).waitFor();
    expect(new URL(page.url()).searchParams.get('find')).toBe('hands');
    await page.getByRole('combobox', { name: 'Status' }).selectOption('lost');
    await page.getByText('No worker is like this').waitFor();
    await page.getByRole('combobox', { name: 'Status' }).selectOption('');
    await page.getByRole('link', { name: service.worker.name }).click();
    await page.getByRole('heading', { name: service.worker.name }).waitFor();

    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('tell what they run, have taken, and hold until its time', async () => {
    const { page } = await open();

    await page.getByRole('region', { name: 'Running (2)' }).getByText('tasks.sleep').first().waitFor();
    await page.getByRole('region', { name: 'Reserved (1)' }).getByText('tasks.sleep').waitFor();
    await page.getByRole('region', { name: 'Scheduled (1)' }).getByText('due in').waitFor();
    await page.getByRole('region', { name: 'Takes from' }).getByText('mail').waitFor();
    await page.context().close();
  }, 60_000);

  test('tell what they could run, and how they are set', async () => {
    const { page } = await open();

    const tasks = page.getByRole('region', { name: 'Tasks it could run' });
    await tasks.getByRole('link', { name: 'tasks.soft' }).waitFor();
    await tasks.getByText('told to end after 1').first().waitFor();
    await tasks.getByLabel('Only tasks whose name holds').fill('flaky');
    await tasks.getByText('2 retries').waitFor();
    expect(await tasks.getByRole('link').count()).toBe(1);
    await page.getByRole('region', { name: 'Configuration' }).getByText('worker_hijack_root_logger').waitFor();
    await page.context().close();
  }, 60_000);

  test.each(['light', 'dark'] as const)(
    'have no accessibility violation in the %s theme, also while asking',
    async (colorScheme) => {
      const { page } = await open({ colorScheme });
      expect(await violationsOf(page)).toEqual([]);

      await page.getByRole('button', { name: 'Rate limit' }).click();
      expect(await violationsOf(page)).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  test.each([1440, 1024, 390])(
    'fit %d pixels',
    async (width) => {
      const { page } = await open({ viewport: { width, height: 844 } });
      expect(await overflows(page)).toBe(false);

      await page.goto(`${service.dashboard}/workers`);
      await page.getByRole('row', { name: service.worker.name }).waitFor();
      expect(await overflows(page)).toBe(false);
      await page.context().close();
    },
    60_000,
  );

  test('have no controls where the engine has none', async () => {
    const { page } = await openPage(service.browser, `${service.dashboard}/workers?source=shop&group=none`);

    await page.getByRole('grid').getByRole('link').first().click();
    await page.getByRole('region', { name: 'Process' }).waitFor();

    expect(await page.getByRole('group', { name: 'Controls' }).count()).toBe(0);
    await page.context().close();
  }, 60_000);

  test('take from one more queue, and from one less, when told', async () => {
    const { page } = await open();

    await page.getByRole('button', { name: 'Add queue' }).click();
    await page.getByLabel('Queue', { exact: true }).fill('late');
    await press(page, 'Add');
    await answered(page, 'in effect');
    const queues = page.getByRole('region', { name: 'Takes from' });
    await queues.getByText('late').waitFor();

    await queues.getByRole('button', { name: 'Stop taking from late' }).click();
    await press(page, 'Stop');
    await answered(page, 'in effect');
    await queues.getByText('late').waitFor({ state: 'detached' });
    await page.context().close();
  }, 60_000);

  test('grow their pool when told, and say so', async () => {
    const { page } = await open();

    await page.getByRole('button', { name: 'Grow pool' }).click();
    await press(page, 'Grow');
    await answered(page, 'hands@test');

    const size = page.getByRole('region', { name: 'Pool' }).getByRole('definition').first();
    await size.getByText('3', { exact: true }).waitFor({ timeout: 30_000 });
    await page.context().close();
  }, 90_000);

  test('limit rates, and show whoever refuses', async () => {
    const { page } = await open();

    await page.getByRole('button', { name: 'Rate limit' }).click();
    await page.getByLabel('Name of the task').fill('tasks.add');
    await page.getByLabel('At most').fill('10/m');
    await press(page, 'Limit');
    await answered(page, 'in effect');

    await page.getByRole('button', { name: 'Autoscale' }).click();
    await press(page, 'Change');
    await answered(page, 'refused');
    await page.context().close();
  }, 60_000);

  test('end when a word is typed, and are seen offline', async () => {
    const { page, complaints } = await open();

    await page.getByRole('button', { name: 'Shut down' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Shut down' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Type shut to go on').fill('shut');
    await press(page, 'Shut down');
    await dialog.getByRole('list', { name: 'Answers' }).getByText('in effect').waitFor({ timeout: 30_000 });
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByText('offline').waitFor();
    await page.getByRole('group', { name: 'Controls' }).waitFor({ state: 'detached' });

    expect(complaints).toEqual([]);
    await page.context().close();
  }, 90_000);
});

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
}

/** The dialog shows who has answered what; then it is closed. */
async function answered(page: Page, words: string): Promise<void> {
  const answers = page.getByRole('dialog').getByRole('list', { name: 'Answers' });
  await answers.getByText(words).first().waitFor({ timeout: 30_000 });
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
}
