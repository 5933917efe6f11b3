import { createServer, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPage, overflows, violationsOf } from '../support/browser.js';
import { type DashboardService, startDashboardService } from '../support/dashboard-service.js';
import { eventually } from '../support/eventually.js';

describe('the dashboard', () => {
  let service: DashboardService;

  beforeAll(async () => {
    service = await startDashboardService();
    await service.queue.add('ok', { a: 1 });
    await service.queue.add('fail', {});
    const told = await fetch(`${service.url}/api/v1/celery/deployments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'billing', version: '1.42.0', link: 'https://ci.example/42', at: '5m' }),
    });
    expect(told.status).toBe(201);
  }, 90_000);

  afterAll(() => service?.close());

  test('opens on the overview and says how all is', async () => {
    const { page, complaints } = await openPage(service.browser, service.dashboard);

    await page.getByText('1 source').waitFor();
    await page.getByRole('region', { name: 'Sources' }).getByText('shop', { exact: true }).waitFor();
    await page.getByRole('region', { name: 'Failing now' }).getByText('orders.fail').waitFor();
    await page
      .getByRole('region', { name: 'What changed' })
      .getByText(/^Worker .+ started, bull/)
      .waitFor();
    await page.getByRole('figure').filter({ hasText: 'Attempts ended' }).locator('canvas').waitFor();

    expect(new URL(page.url()).pathname).toBe('/flower/');
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('shows what was deployed, in words and as a line on the charts', async () => {
    const { page, complaints } = await openPage(service.browser, service.dashboard);

    const changed = page.getByRole('region', { name: 'What changed' });
    expect(await changed.getByRole('link', { name: 'billing 1.42.0' }).getAttribute('href')).toBe(
      'https://ci.example/42',
    );
    await changed.getByText('deployed by the person at this machine').waitFor();
    const chart = page.getByRole('figure').filter({ hasText: 'Backlog' });
    const plot = await chart.locator('.u-over').boundingBox();
    if (plot === null) throw new Error('expected a chart');
    // Ten of fifteen minutes from the left, give or take what has passed since.
    await eventually(
      async () => {
        for (let x = plot.width * 0.6; x < plot.width * 0.7; x += 3) {
          await page.mouse.move(plot.x + x, plot.y + plot.height / 2);
          if ((await chart.getByRole('note').textContent())?.includes('billing 1.42.0 deployed')) return;
        }
        throw new Error('expected the deployment to be told under the pointer');
      },
      { within: 20_000 },
    );

    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test.each(['light', 'dark'] as const)(
    'has no accessibility violation in the %s theme',
    async (colorScheme) => {
      const { page } = await openPage(service.browser, service.dashboard, { colorScheme });
      await page.getByRole('region', { name: 'Sources' }).waitFor();

      expect(await violationsOf(page)).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  test.each([1440, 1024, 390])(
    'fits %d pixels',
    async (width) => {
      const { page } = await openPage(service.browser, service.dashboard, { viewport: { width, height: 844 } });
      await page.getByRole('region', { name: 'Sources' }).waitFor();

      expect(await overflows(page)).toBe(false);
      await page.context().close();
    },
    60_000,
  );

  test('keeps source, range and live state in the address', async () => {
    const { page } = await openPage(service.browser, `${service.dashboard}/`);

    await page.getByLabel('Source', { exact: true }).selectOption('shop');
    await page.getByLabel('Time range').selectOption('6h');
    await page.getByRole('button', { name: 'live' }).click();
    await page.getByRole('button', { name: 'held' }).waitFor();

    const { searchParams } = new URL(page.url());
    expect(Object.fromEntries(searchParams)).toEqual({ source: 'shop', range: '6h', live: 'off' });
    await page.reload();
    expect(await page.getByLabel('Time range').inputValue()).toBe('6h');
    await page.context().close();
  }, 60_000);

  test('shows its keys on ?, and its palette on Ctrl+K', async () => {
    const { page, complaints } = await openPage(service.browser, service.dashboard);
    await page.getByRole('region', { name: 'Sources' }).waitFor();

    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');

    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('calls nothing well while the service cannot be reached, says so once, and goes on when it can', async () => {
    const proxy = await startProxy(service.url, '');
    try {
      const { page } = await openPage(service.browser, `${proxy.url}/flower`);
      const verdict = page.locator('.verdict');
      await page.getByRole('button', { name: 'live' }).waitFor();
      await eventually(async () => expect(await verdict.textContent()).toMatch(/^(All well|Trouble)/), {
        within: 20_000,
      });

      proxy.cut();

      await eventually(async () => expect(await verdict.textContent()).toMatch(/^Not known/), { within: 20_000 });
      await eventually(async () => expect(await page.getByText(/^No data since/).count()).toBe(1), { within: 20_000 });
      await proxy.mend();
      await eventually(async () => expect(await verdict.textContent()).toMatch(/^(All well|Trouble)/), {
        within: 30_000,
      });
      expect(await page.getByText(/^No data since/).count()).toBe(0);
      await page.context().close();
    } finally {
      proxy.cut();
    }
  }, 90_000);

  test('keeps the chosen theme over a reload', async () => {
    const { page } = await openPage(service.browser, service.dashboard, { colorScheme: 'light' });

    await page.getByLabel('Appearance').click();
    await page.getByRole('radio', { name: 'Dark' }).check();
    await page.reload();

    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await page.context().close();
  }, 60_000);
});

describe('under another prefix', () => {
  test('serves page, deep links and API behind a proxy that adds a path', async () => {
    const service = await startDashboardService('--prefix', '/monitor/queue');
    // Takes /tools away, as a proxy with a path of its own does.
    const proxy = await startProxy(service.url, '/tools');
    try {
      const { page, complaints } = await openPage(service.browser, `${proxy.url}/monitor/queue`);

      await page.getByRole('region', { name: 'Sources' }).getByText('shop', { exact: true }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/tools/monitor/queue/');

      await page.goto(`${proxy.url}/monitor/queue/no/such/page`);
      await page.getByText('There is no such page').waitFor();
      await page.getByRole('link', { name: 'Go to the overview' }).click();
      await page.getByRole('region', { name: 'Sources' }).waitFor();
      expect(complaints).toEqual([]);
    } finally {
      proxy.cut();
      await service.close();
    }
  }, 120_000);
});

/** A way to the service that takes a path away, can be cut, and mended at the same address. */
async function startProxy(service: string, path: string) {
  const target = new URL(service);
  const proxy = createServer((incoming, outgoing) => {
    const onward = request(
      {
        host: target.hostname,
        port: target.port,
        path: incoming.url?.slice(path.length),
        method: incoming.method,
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.once('error', () => outgoing.destroy());
    outgoing.once('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  const listen = (port: number) => new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const address = proxy.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    cut: () => {
      proxy.close();
      proxy.closeAllConnections();
    },
    mend: () => listen(port),
  };
}
