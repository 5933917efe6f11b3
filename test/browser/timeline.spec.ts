import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPage, overflows, violationsOf } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { type MixedService, startMixedService } from '../support/mixed-service.js';

describe('the timeline', () => {
  let service: MixedService;
  let running = '';

  beforeAll(async () => {
    service = await startMixedService();
    running = await service.sender.send({ name: 'tasks.sleep', args: [600] });
    await service.sender.send({ name: 'tasks.fail', args: ['no stock'] });
    await service.queue.add('ok', {});
  }, 120_000);

  afterAll(() => service?.close());

  const open = async (options: Parameters<typeof openPage>[2] = {}) => {
    const { page, complaints } = await openPage(service.browser, `${service.dashboard}/timeline`, options);
    const chart = page.getByRole('application', { name: '3 bars on 2 lanes' });
    await chart.waitFor({ timeout: 30_000 });
    return { page, complaints, chart };
  };

  test('draws what ran on the lane of its worker, and tells the same in words', async () => {
    const { page, complaints } = await open();

    await page.getByText('As text').click();
    const own = page.getByRole('row', { name: service.worker.name });
    expect(await own.getByRole('cell').allTextContents()).toEqual(['1', '0', '0', '1', '0', '0', '0']);
    await page.getByRole('link', { name: 'tasks.fail' }).waitFor();

    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('leads from a bar to its task', async () => {
    const { page, chart } = await open();
    const box = await chart.boundingBox();
    if (box === null) throw new Error('expected the chart to be on the page');
    // The first lane is the Celery worker's, and what runs reaches to the right end: in its second row where both began at once.
    const x = box.x + box.width - 4;
    const rows = [box.y + 24 + 22 + 6, box.y + 24 + 22 + 16 + 6];
    const y = await eventually(
      async () => {
        for (const at of rows) {
          await page.mouse.move(x - 1, at);
          await page.mouse.move(x, at);
          if ((await page.getByText('tasks.sleep: running').count()) > 0) return at;
        }
        throw new Error('expected the bar of tasks.sleep at the end of a row, found none');
      },
      { within: 20_000, every: 200 },
    );
    await page.mouse.click(x, y);

    await page.waitForURL((url) => url.pathname === `/flower/tasks/${running}`);
    await page.context().close();
  }, 60_000);

  test('is zoomed, moved and walked with keys, and says what is reached', async () => {
    const { page, chart } = await open();
    const whole = page.getByRole('button', { name: 'Whole range' });
    expect(await whole.isDisabled()).toBe(true);

    await chart.focus();
    await page.keyboard.press('+');
    await page.keyboard.press('ArrowLeft');
    expect(await whole.isEnabled()).toBe(true);
    await page.keyboard.press('0');
    expect(await whole.isDisabled()).toBe(true);
    await page.keyboard.press('n');
    await page.getByRole('status').getByText('on hands@test').waitFor();
    await page.keyboard.press('Enter');

    await page.waitForURL((url) => url.pathname.startsWith('/flower/tasks/'));
    await page.context().close();
  }, 60_000);

  test('is zoomed by the wheel, and moved by dragging', async () => {
    const { page, chart } = await open();
    const whole = page.getByRole('button', { name: 'Whole range' });
    const box = await chart.boundingBox();
    if (box === null) throw new Error('expected the chart to be on the page');

    await page.mouse.move(box.x + 200, box.y + 200);
    await page.mouse.wheel(0, -400);
    await eventually(async () => expect(await whole.isEnabled()).toBe(true), { within: 15_000 });
    // Everything that is known lies at the right end, and so outside now.
    await page.getByText('As text').click();
    await page.getByText('0 tasks').waitFor();
    await page.mouse.move(box.x + box.width - 10, box.y + 200);
    await page.mouse.down();
    for (let step = 1; step <= 20; step += 1) await page.mouse.move(box.x + box.width - 10 - step * 50, box.y + 200);
    await page.mouse.up();
    await page.mouse.move(box.x + box.width - 10, box.y + 200);
    await page.mouse.down();
    for (let step = 1; step <= 20; step += 1) await page.mouse.move(box.x + box.width - 10 - step * 50, box.y + 200);
    await page.mouse.up();

    await page.getByRole('link', { name: 'tasks.sleep' }).waitFor();
    await page.context().close();
  }, 60_000);

  test.each([
    ['light', 1440],
    ['dark', 1024],
    ['dark', 390],
  ] as const)(
    'has no accessibility violation in the %s theme, and fits %d pixels',
    async (colorScheme, width) => {
      const { page } = await open({ colorScheme, viewport: { width, height: 844 } });

      expect(await violationsOf(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
      await page.context().close();
    },
    60_000,
  );
});
