import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPage, overflows, violationsOf } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { type MixedService, startMixedService } from '../support/mixed-service.js';

describe('tasks of Celery', () => {
  let service: MixedService;
  const opened = (path: string, options = {}) => openPage(service.browser, `${service.dashboard}/${path}`, options);
  const settled = (id: string, state: string) =>
    eventually(
      async () => {
        const answer = await fetch(`${service.url}/api/v1/celery/tasks/${id}`);
        expect(await answer.json()).toMatchObject({ state });
      },
      { within: 30_000, every: 100 },
    );

  beforeAll(async () => {
    // Which queue a task was sent to, and so where to send its like, is told by this event alone.
    service = await startMixedService({ SENT_EVENTS: '1' });
  }, 120_000);

  afterAll(() => service?.close());

  test('show what they were given, where they ran, and how they failed, with their own lines of the traceback marked', async () => {
    const id = await service.sender.send({ name: 'tasks.fail', args: ['the moon is full'] });
    await settled(id, 'FAILURE');
    const { page, complaints } = await opened(`tasks/${id}`);

    await page.getByRole('heading', { name: 'tasks.fail' }).waitFor();
    await page.getByText('the moon is full').first().waitFor();
    await page.getByRole('link', { name: service.worker.name }).waitFor();
    await page.getByRole('heading', { name: 'ValueError' }).waitFor();
    await page.locator('.tb-own').filter({ hasText: 'tasks.py' }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('run again with other arguments, and lead to the new task', async () => {
    const id = await service.sender.send({ name: 'tasks.fail', args: ['the moon is full'] });
    await settled(id, 'FAILURE');
    const { page } = await opened(`tasks/${id}`);

    await page.getByRole('button', { name: 'Run again …' }).click();
    const dialog = page.getByRole('dialog');
    const args = dialog.getByRole('textbox', { name: /^Arguments/ });
    await args.fill('["the sun');
    await dialog.getByText('Expected a list').waitFor();
    expect(await dialog.getByRole('button', { name: 'Run again' }).isDisabled()).toBe(true);
    await args.fill('["the sun is out"]');
    await dialog.getByRole('button', { name: 'Run again' }).click();
    await dialog.getByRole('link').click();

    await page.getByRole('article').getByText('the sun is out').first().waitFor();
    expect(page.url()).not.toContain(id);
    await page.context().close();
  }, 60_000);

  test('are sent anew with arguments of one’s own, where the settings allow the name, and run', async () => {
    const { page, complaints } = await opened('tasks');
    await page.getByRole('button', { name: 'New task …' }).click();
    const dialog = page.getByRole('dialog');
    const send = dialog.getByRole('button', { name: 'Send' });

    await dialog.getByLabel('Name of the task').fill('tasks.sleep');
    await dialog.getByText('The settings allow tasks.fail, tasks.ad*.').waitFor();
    expect(await send.isDisabled()).toBe(true);
    await dialog.getByLabel('Name of the task').fill('tasks.add');
    await dialog.getByLabel('Queue').selectOption('mail');
    const args = dialog.getByRole('textbox', { name: /^Arguments/ });
    // Too deep for the service, which says so; what was typed stays.
    await args.fill(`${'['.repeat(66)}${']'.repeat(66)}`);
    await send.click();
    await dialog.getByText('levels').waitFor();
    await args.fill('[2, 3]');
    await dialog.getByLabel('To be run').selectOption('after so many seconds');
    await dialog.getByRole('spinbutton', { name: 'Seconds' }).fill('0.5');
    await send.click();
    await dialog.getByText('The broker has taken tasks.add for the queue mail').waitFor();
    await dialog.getByRole('link').click();

    const task = page.getByRole('article');
    await task.getByText('succeeded', { exact: true }).first().waitFor({ timeout: 30_000 });
    await task.locator('section').filter({ hasText: 'Result' }).getByText('5', { exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test.each([
    ['light', 1440],
    ['dark', 390],
  ] as const)(
    'are sent by a form without an accessibility violation in the %s theme at %d pixels',
    async (colorScheme, width) => {
      const { page } = await opened('tasks', { colorScheme, viewport: { width, height: 844 } });
      await page.getByRole('button', { name: 'New task …' }).click();
      await page.getByRole('dialog').getByLabel('To be run').selectOption('at a time');

      expect(await violationsOf(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      await page.context().close();
    },
    60_000,
  );

  test.each([
    ['light', 1440],
    ['dark', 390],
  ] as const)(
    'repeat as their workers have configured it, which is shown in the %s theme at %d pixels, with what nobody tells',
    async (colorScheme, width) => {
      const { page, complaints } = await opened('schedules', { colorScheme, viewport: { width, height: 844 } });
      const row = page.getByRole('row').filter({ hasText: '30 3,4 * * mon-fri, UTC' });
      await row.waitFor();
      await page.getByRole('row').filter({ hasText: '<freq: 1.50 minutes>' }).waitFor();
      expect(await page.getByRole('button', { name: 'Run now' }).count()).toBe(0);

      const box = await row.boundingBox();
      await row.click({ position: { x: (box?.width ?? 0) - 20, y: 16 } });
      await page.getByRole('dialog').getByText('whether a beat runs it is not known').waitFor();

      expect(await violationsOf(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  test('are stopped while they run, and show who did it', async () => {
    const id = await service.sender.send({ name: 'tasks.sleep', args: [600] });
    await settled(id, 'STARTED');
    const { page } = await opened(`tasks/${id}`);

    await page.getByRole('button', { name: 'Stop …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
    await page.getByRole('dialog').getByText(`It ran on ${service.worker.name}`).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

    await page.getByRole('article').getByText('revoked', { exact: true }).first().waitFor();
    await page.context().close();
  }, 60_000);

  test('show their family on one scale of time, with the tasks that decided how long it took', async () => {
    const root = await service.sender.send({ name: 'tasks.sleep', args: [0.1] });
    // A child that began before its parent had ended did not wait for it.
    await settled(root, 'SUCCESS');
    const options = { parent_id: root, root_id: root };
    await settled(await service.sender.send({ name: 'tasks.add', args: [1, 2], options }), 'SUCCESS');
    const slow = await service.sender.send({ name: 'tasks.sleep', args: [0.2], options });
    await settled(slow, 'SUCCESS');
    const { page, complaints } = await opened(`tasks/${root}`);

    const family = page.getByRole('region', { name: 'Family' });
    await family.getByText(/^3 tasks over/).waitFor();
    const deciding = await family.getByRole('listitem').filter({ hasText: 'decided how long' }).allTextContents();
    expect(deciding).toHaveLength(2);
    expect(deciding.every((text) => text.startsWith('tasks.sleep'))).toBe(true);
    expect(await violationsOf(page)).toEqual([]);
    await family.getByLabel('Only those that decided').check();
    expect(await family.getByRole('listitem').count()).toBe(2);
    await family.getByRole('link').last().click();
    await page.getByText(slow).first().waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('are laid beside one another, two of them ticked in the list', async () => {
    await settled(await service.sender.send({ name: 'tasks.add', args: [1, 40] }), 'SUCCESS');
    await settled(await service.sender.send({ name: 'tasks.add', args: [2, 40] }), 'SUCCESS');
    const { page } = await opened('tasks?q=name:tasks.add', { viewport: { width: 390, height: 844 } });

    const boxes = page.getByRole('row').getByRole('checkbox');
    await boxes.nth(1).waitFor();
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await page.getByRole('link', { name: 'Compare' }).click();

    const comparison = page.getByRole('region', { name: 'Comparison' });
    await comparison.getByRole('row', { name: 'Arguments [0] 2 1' }).waitFor();
    await comparison.getByRole('row', { name: 'Result 42 41' }).waitFor();
    await comparison.getByRole('row', { name: 'Keyword arguments the same' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflows(page)).toBe(false);
    await page.context().close();
  }, 60_000);
});
