import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hashPassword } from '../../src/auth/password.js';
import { openPage, startBrowser } from '../support/browser.js';
import { type DashboardService, QUEUE, startDashboardService } from '../support/dashboard-service.js';
import { eventually } from '../support/eventually.js';

const API = '/api/v1/celery';

const PAYLOADS = [
  '<script>window.attacked=1</script>',
  '<img src=x onerror="window.attacked=1">',
  '<svg onload="window.attacked=1">',
  '"><script>window.attacked=1</script>',
  "'-window.attacked=1-'",
  '</title><script>window.attacked=1</script>',
  '<iframe srcdoc="<script>parent.attacked=1</script>">',
  '<a href="javascript:window.attacked=1">x</a>',
  '{{constructor.constructor("window.attacked=1")()}}',
  '<style>@import "//evil.example"</style>',
  '<base href="//evil.example/">',
  '<form action="//evil.example"><button>x</button></form>',
  '\u2028<math><mi//xlink:href="data:x,<script>window.attacked=1</script>">',
  'javascript:window.attacked=1//',
  '<details open ontoggle="window.attacked=1">',
];

describe('attacks on somebody who uses the dashboard', () => {
  let service: DashboardService;
  let evil: Server;
  let evilUrl: string;
  let evilPage = '';

  beforeAll(async () => {
    process.env.TASKSCOPE_AUTH_USERS = JSON.stringify([
      { name: 'ada', role: 'admin', passwordHash: await hashPassword('long enough', { N: 1024, r: 8, p: 1 }) },
    ]);
    service = await startDashboardService();
    delete process.env.TASKSCOPE_AUTH_USERS;
    for (const [at, payload] of PAYLOADS.entries()) {
      await service.queue.add(payload, { payload, nested: [payload] }, { jobId: `x${at}${payload.slice(0, 20)}` });
    }
    await service.queue.add('victim', {}, { delay: 3_600_000, jobId: 'victim' });
    evil = createServer((_, response) => response.setHeader('content-type', 'text/html').end(evilPage));
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const address = evil.address();
    // Another name of the same machine is another site to a browser.
    evilUrl = `http://localhost:${address === null || typeof address === 'string' ? 0 : address.port}/`;
  }, 120_000);

  afterAll(async () => {
    evil?.close();
    await service?.close();
  });

  /** A page of a browser in which ada has signed in. */
  async function signedIn() {
    const opened = await openPage(service.browser, `${service.dashboard}/`);
    const status: unknown = await opened.page.evaluate(
      `fetch(${JSON.stringify(`${API}/session`)}, { method: 'POST', headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'ada', password: 'long enough' }) }).then((answer) => answer.status)`,
    );
    expect(status).toBe(200);
    return opened;
  }

  const stillThere = async (): Promise<boolean> => (await service.queue.getJob('victim')) !== null;

  test('by what tasks are called and carry run nothing on any page', async () => {
    const { page, complaints } = await signedIn();
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const paths = ['', 'tasks', 'workers', 'queues', `queues/${QUEUE}`, 'failures'];
    const ids = PAYLOADS.map((payload, at) => encodeURIComponent(`${QUEUE}:x${at}${payload.slice(0, 20)}`));
    for (const path of [...paths, ...ids.map((id) => `tasks/${id}`), ...ids.slice(0, 3).map((id) => `tasks?q=${id}`)]) {
      await page.goto(`${service.dashboard}/${path}`);
      await page.waitForLoadState('load');
      await page.locator('body').getByText(/\w/).first().waitFor();
    }

    expect(await page.evaluate('window.attacked')).toBeUndefined();
    expect(dialogs).toEqual([]);
    // Addresses that the dashboard does not know are told so by its router.
    expect(complaints.filter((complaint) => !complaint.startsWith('Error handled by React Router'))).toEqual([]);
    await page.context().close();
  }, 180_000);

  test('by pages of another site change nothing', async () => {
    const { page } = await signedIn();
    const target = `${service.url}${API}/tasks/${QUEUE}:victim/revoke`;
    evilPage = `<form id="f" method="post" enctype="text/plain" action="${target}"><input name='{"a":"' value='"}'></form><script>
      window.results = [];
      const note = (what) => (promise) => promise.then((answer) => window.results.push(what + ' ' + answer.type + ' ' + answer.status), () => window.results.push(what + ' refused'));
      note('no-cors')(fetch('${target}', { method: 'POST', mode: 'no-cors', credentials: 'include' }));
      note('cors')(fetch('${target}', { method: 'POST', credentials: 'include' }));
      note('json')(fetch('${target}', { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: '{}' }));
      note('delete')(fetch('${service.url}${API}/tasks/${QUEUE}:victim', { method: 'DELETE', credentials: 'include' }));
      note('read')(fetch('${service.url}${API}/tasks', { credentials: 'include' }));
      navigator.sendBeacon('${target}', '{}');
    </script>`;
    await page.goto(evilUrl);
    await eventually(async () => expect(await page.evaluate('window.results.length')).toBe(5), { within: 20_000 });
    const results: unknown = await page.evaluate('window.results.sort()');
    const posted = page.waitForResponse((response) => response.request().isNavigationRequest());
    await page.evaluate('document.getElementById("f").submit()');
    const navigation = await posted;

    expect(results).toEqual(['cors refused', 'delete refused', 'json refused', 'no-cors refused', 'read refused']);
    expect(navigation.status()).toBe(403);
    expect(await stillThere()).toBe(true);
    await page.context().close();
  }, 90_000);

  test('by showing it in a frame show nothing', async () => {
    const { page } = await signedIn();
    evilPage = `<iframe src="${service.dashboard}/"></iframe><iframe src="${service.url}/docs"></iframe>`;
    await page.goto(evilUrl);
    await eventually(() => expect(page.frames()).toHaveLength(3), { within: 20_000 });
    await page.waitForLoadState('load');

    const shown = await Promise.all(
      page
        .frames()
        .slice(1)
        .map((frame) => frame.evaluate('document.querySelector("main, #swagger-ui") !== null').catch(() => false)),
    );
    expect(shown).toEqual([false, false]);
    await page.context().close();
  }, 90_000);

  test('by a name of theirs that leads to this machine read and change nothing', async () => {
    // As after the name has been bound again: to the browser the service is of the attacker's own origin.
    const browser = await startBrowser('--host-resolver-rules=MAP rebound.example 127.0.0.1');
    try {
      const theirs = new URL(service.url);
      theirs.hostname = 'rebound.example';
      const { page } = await openPage(browser, theirs.origin);
      const statuses: unknown = await page.evaluate(
        `Promise.all([['GET', '${API}/tasks'], ['GET', '${API}/session'], ['GET', '/flower/'], ['GET', '/metrics'], ['GET', '/health/live'],
          ['POST', '${API}/tasks/${QUEUE}:victim/revoke']].map(([method, path]) => fetch(path, { method }).then(({ status }) => status)))`,
      );

      expect(statuses).toEqual([421, 421, 421, 421, 421, 421]);
      expect(await stillThere()).toBe(true);
    } finally {
      await browser.close();
    }
  }, 90_000);

  test('by markup that has come into a page all the same run nothing there', async () => {
    const { page } = await signedIn();
    const tried: unknown = await page.evaluate(`(() => {
      const tries = {
        markup: () => { document.body.innerHTML = '<img src=x onerror="window.attacked=1">'; },
        parsed: () => { document.write('<script>window.attacked=1</scr' + 'ipt>'); },
        fragment: () => { document.body.append(document.createRange().createContextualFragment('<script>window.attacked=1</scr' + 'ipt>')); },
        script: () => { const made = document.createElement('script'); made.src = 'data:,window.attacked=1'; document.body.append(made); },
      };
      return Object.entries(tries).filter(([, attempt]) => { try { attempt(); return true; } catch { return false; } }).map(([name]) => name);
    })()`);
    const handler: unknown = await page.evaluate(`(() => {
      const made = document.createElement('div');
      try { made.setAttribute('onclick', 'window.attacked=1'); } catch {}
      document.body.append(made);
      made.click();
      return window.attacked;
    })()`);

    expect(tried).toEqual([]);
    expect(handler ?? null).toBeNull();
    const nonces = await Promise.all(
      [1, 2].map(
        async () =>
          /'nonce-([^']+)'/.exec(
            (await fetch(`${service.dashboard}/`)).headers.get('content-security-policy') ?? '',
          )?.[1],
      ),
    );
    expect(new Set(nonces).size).toBe(2);
    await page.context().close();
  }, 90_000);

  test('the documentation breaks none of its own rules', async () => {
    const { page, complaints } = await signedIn();
    await page.goto(`${service.url}/docs`);
    await page.getByText('Taskscope').first().waitFor();
    await page.getByText('/api/v1/celery/sources').first().waitFor();

    // Swagger UI sets one style attribute, which the policy keeps it from; no script is refused.
    expect(complaints.filter((complaint) => !complaint.startsWith('Applying inline style'))).toEqual([]);
    await page.context().close();
  }, 90_000);
});
