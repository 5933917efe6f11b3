import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Bull from 'bull';
import { openPage, overflows, violationsOf } from '../support/browser.js';
import { type DashboardService, QUEUE, startDashboardService } from '../support/dashboard-service.js';
import { eventually } from '../support/eventually.js';

describe('the tasks page', () => {
  let service: DashboardService;
  let parked: Bull.Queue;
  const opened = (path: string, options = {}) => openPage(service.browser, `${service.dashboard}/${path}`, options);

  /** Waits until so many tasks are found. */
  const seen = (query: string, total: number) =>
    eventually(
      async () => {
        const found = await fetch(`${service.url}/api/v1/celery/tasks?${query}`);
        expect(await found.json()).toMatchObject({ total });
      },
      { within: 20_000, every: 100 },
    );
  /** A task in a queue that nobody serves: it waits. */
  const park = async (id: string): Promise<void> => {
    await parked.add('ok', {}, { jobId: id });
    await seen(`q=id:"parked:${id}"`, 1);
  };

  beforeAll(async () => {
    service = await startDashboardService();
    parked = new Bull('parked', service.redis.url);
    // What is waiting before its queue was found is not in the search: a first one lets the queue be found.
    await parked.add('ok', {}, { jobId: 'early' });
    await eventually(
      async () => {
        const found = await fetch(`${service.url}/api/v1/celery/queues/parked`);
        expect(found.status).toBe(200);
      },
      { within: 20_000, every: 200 },
    );
    await (await parked.getJob('early'))?.remove();
    await service.queue.add('ok', { order: 17, items: ['bolt', 'nut'] }, { jobId: 'first' });
    await service.queue.add('fail', { order: 18 }, { jobId: 'second' });
    await park('later');
    await seen('state=SUCCESS,FAILURE', 2);
  }, 90_000);

  afterAll(async () => {
    await parked?.close();
    await service?.close();
  });

  test('shows what there is, narrows it down as one types, and keeps that in the address', async () => {
    const { page, complaints } = await opened('tasks');
    await page.getByRole('grid', { name: /^Tasks, \d+ rows/ }).waitFor();

    await page.getByRole('combobox', { name: 'Filter' }).fill('state:FAILURE');
    await page.getByRole('combobox', { name: 'Filter' }).press('Enter');
    await page.getByRole('grid', { name: 'Tasks, 1 row' }).waitFor();

    expect(new URL(page.url()).searchParams.get('q')).toBe('state:FAILURE');
    await page.getByRole('gridcell', { name: 'failed' }).waitFor();
    await page.getByRole('button', { name: 'Remove state:FAILURE' }).click();
    await page.getByRole('grid', { name: /^Tasks, \d+ rows/ }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('completes fields and their values', async () => {
    const { page } = await opened('tasks');

    await page.getByRole('combobox', { name: 'Filter' }).pressSequentially('qu');
    await page.getByRole('option', { name: 'queue:' }).click();
    await page.getByRole('option', { name: QUEUE, exact: false }).first().click();

    await page.getByRole('button', { name: `Remove queue:${QUEUE}` }).waitFor();
    await page.context().close();
  }, 60_000);

  test('says where a filter is wrong', async () => {
    const { page } = await opened('tasks');

    await page.getByRole('combobox', { name: 'Filter' }).fill('name:ok and colour:red');

    await page.getByRole('alert').getByText('at character 13').waitFor();
    await page.context().close();
  }, 60_000);

  test('opens a task beside the list by keys, walks on, and closes it', async () => {
    const { page } = await opened('tasks?sort=name');
    const grid = page.getByRole('grid', { name: /^Tasks, \d+ rows/ });
    await grid.waitFor();

    await grid.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Task' }).getByText(`${QUEUE}:second`).first().waitFor();
    await page
      .getByRole('complementary')
      .getByRole('heading', { name: /boom|Error/i })
      .first()
      .waitFor();
    await page.keyboard.press('ArrowDown');
    await page
      .getByRole('complementary')
      .getByText(/(orders|parked):(first|later)/)
      .first()
      .waitFor();
    await page.keyboard.press('Escape');

    await page.getByRole('complementary').waitFor({ state: 'detached' });
    await page.context().close();
  }, 60_000);

  test('shows a task at its own address, with its arguments to unfold', async () => {
    const { page, complaints } = await opened(`tasks/${encodeURIComponent(`${QUEUE}:first`)}`);

    await page.getByRole('heading', { name: `${QUEUE}.ok` }).waitFor();
    await page.getByText('"bolt"').first().waitFor();

    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('says so where there is no such task', async () => {
    const { page } = await opened('tasks/nobody%3A1');

    await page.getByRole('alert').getByText('Task not found').waitFor();
    await page.context().close();
  }, 60_000);

  test('revokes a task after a question, and shows the proof', async () => {
    await park('unwanted');
    const { page } = await opened('tasks/parked:unwanted');

    await page.getByRole('button', { name: 'Revoke …' }).click();
    expect(await violationsOf(page)).toEqual([]);
    expect(await parked.getJob('unwanted')).not.toBeNull();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByRole('dialog').getByText('revoked:').waitFor();

    expect(await parked.getJob('unwanted')).toBeNull();
    await page.context().close();
  }, 60_000);

  test('revokes what is selected, with a report of each', async () => {
    await park('a');
    await park('b');
    const { page } = await opened('tasks?q=id:"parked%3Aa"%20or%20id:"parked%3Ab"');

    await page.getByRole('checkbox', { name: `Select shop parked:a` }).check();
    await page.getByRole('checkbox', { name: `Select shop parked:b` }).check();
    await page.getByRole('toolbar', { name: 'Selected tasks' }).getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog', { name: 'Revoke 2 tasks?' }).getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByText('Finished: 2 tasks done, 0 refused, 0 failed.').waitFor();

    expect(await page.getByRole('list', { name: 'What has come of each' }).getByRole('listitem').count()).toBe(2);
    expect(await parked.getJob('a')).toBeNull();
    expect(await parked.getJob('b')).toBeNull();
    await page.context().close();
  }, 60_000);

  test('removes all that match after a word was typed: counted first, stopped half way, told task by task', async () => {
    const ids = Array.from({ length: 130 }, (_, at) => `many-${at}`);
    await parked.addBulk(ids.map((id) => ({ name: 'ok', data: {}, opts: { jobId: id } })));
    await seen(`q=${encodeURIComponent('id:parked:many-*')}`, ids.length);
    const { page, complaints } = await opened(`tasks?q=${encodeURIComponent('id:parked:many-*')}`);

    await page.getByRole('button', { name: 'Select all' }).click();
    await page.getByRole('toolbar', { name: 'Selected tasks' }).getByRole('button', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove 130 tasks?' });
    await dialog.waitFor();
    expect(await violationsOf(page)).toEqual([]);
    // What comes after the question was asked is not part of the answer.
    await parked.add('ok', {}, { jobId: 'many-late' });
    expect(await dialog.getByRole('button', { name: 'Remove' }).isEnabled()).toBe(false);
    await dialog.getByLabel('At most').selectOption('10 a second');
    await dialog.getByLabel(/to go on/).fill('remove');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByText(/^Under way: [1-9]/).waitFor();
    await dialog.getByRole('button', { name: 'Stop here' }).click();
    await dialog.getByText(/^Stopped: \d+ tasks? done, 0 refused, 0 failed, \d+ left alone\.$/).waitFor();
    expect(await violationsOf(page)).toEqual([]);

    const gone = Number(/(\d+) tasks? done/.exec((await dialog.textContent()) ?? '')?.[1]);
    expect(gone).toBeGreaterThan(0);
    expect(await parked.getWaitingCount()).toBeGreaterThanOrEqual(ids.length + 1 - gone);
    expect(await parked.getJob('many-late')).not.toBeNull();
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('button', { name: `remove: ${gone} of 130 done` }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /left alone/ })
      .waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 90_000);

  test('lets new tasks in by itself at the top, and holds them back while something is selected', async () => {
    const { page } = await opened('tasks?q=queue:orders');
    await page.getByRole('gridcell', { name: 'orders.ok' }).first().waitFor();
    await service.queue.add('ok', {}, { jobId: 'comes-by-itself' });
    await page.getByText(`${QUEUE}:comes-by-itself`).waitFor();

    await page.getByRole('checkbox', { name: `Select shop ${QUEUE}:first` }).check();
    await service.queue.add('ok', {}, { jobId: 'held-back' });
    await page.getByRole('button', { name: '1 new' }).waitFor();
    expect(await page.getByText(`${QUEUE}:held-back`).count()).toBe(0);
    await page.getByRole('button', { name: '1 new' }).click();

    await page.getByText(`${QUEUE}:held-back`).waitFor();
    await page.context().close();
  }, 60_000);

  test('hides columns and remembers that', async () => {
    const { page } = await opened('tasks');
    await page.getByRole('columnheader', { name: 'Queue' }).waitFor();

    await page.getByLabel('Columns').click();
    await page.getByRole('checkbox', { name: 'Queue' }).uncheck();
    await page.reload();
    await page.getByRole('columnheader', { name: 'Name' }).waitFor();

    expect(await page.getByRole('columnheader', { name: 'Queue' }).count()).toBe(0);
    await page.context().close();
  }, 60_000);

  test.each(['light', 'dark'] as const)(
    'has no accessibility violation in the %s theme',
    async (colorScheme) => {
      const { page } = await opened(`tasks?open=${QUEUE}:second&of=shop`, { colorScheme });
      await page.getByRole('complementary', { name: 'Task' }).getByRole('heading').first().waitFor();

      expect(await violationsOf(page)).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  test.each([1440, 1024, 390])(
    'fits %d pixels',
    async (width) => {
      const { page } = await opened('tasks', { viewport: { width, height: 844 } });
      await page.getByRole('grid', { name: /Tasks/ }).waitFor();

      expect(await overflows(page)).toBe(false);
      await page.context().close();
    },
    60_000,
  );

  test('are downloaded as a file, all that match and not only what is on the screen', async () => {
    const jobs = Array.from({ length: 130 }, (_, at) => ({ name: 'ok', data: { at } }));
    await service.queue.addBulk(jobs);
    const found = await eventually(
      async () => {
        const answer = await fetch(`${service.url}/api/v1/celery/tasks?q=${encodeURIComponent('state:SUCCESS')}`);
        const said: unknown = await answer.json();
        const total = typeof said === 'object' && said !== null && 'total' in said ? Number(said.total) : 0;
        expect(total).toBeGreaterThanOrEqual(130);
        return total;
      },
      { within: 30_000, every: 200 },
    );
    const { page, complaints } = await opened('tasks?q=state:SUCCESS');
    await page.getByRole('status').getByText(`${found} tasks`).waitFor();

    await page.locator('summary[aria-label="Download"]').click();
    await page.getByText('All that match').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'As CSV' }).click();
    const download = await downloading;

    expect(download.suggestedFilename()).toBe('tasks.csv');
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines[0]).toMatch(/^source,engine,task_id,/);
    expect(lines).toHaveLength(found + 1);
    expect(lines.slice(1).every((line) => line.includes(',SUCCESS,'))).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);
});
