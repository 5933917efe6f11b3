import { expect, test } from '@jest/globals';
import { freePort } from '../../src/embedded/free-port.js';
import { openPage } from '../support/browser.js';
import { QUEUE, startDashboardServiceWith } from '../support/dashboard-service.js';
import { startOidcProvider } from '../support/oidc-provider.js';

test('signing in by OpenID Connect leads back to the page that was asked for, with what one may do', async () => {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const provider = await startOidcProvider(await freePort(), `${publicUrl}/api/v1/celery/session/oidc/callback`);
  try {
    const service = await startDashboardServiceWith({
      words: ['--port', String(port)],
      env: {
        TASKSCOPE_HTTP_PUBLIC_URL: publicUrl,
        TASKSCOPE_AUTH_OIDC: JSON.stringify({
          issuer: provider.issuer,
          allowHttp: true,
          clientId: 'taskscope',
          clientSecret: 'a client secret of the tests',
          label: 'Sign in with the tests',
          mapping: [{ role: 'operator', groups: ['operators'] }],
        }),
      },
    });
    try {
      await service.queue.add('ok', {});
      const { page, complaints } = await openPage(service.browser, `${service.dashboard}/queues/${QUEUE}?in=shop`);

      await page.getByRole('link', { name: 'Sign in with the tests' }).click();
      await page.getByRole('heading', { name: QUEUE }).waitFor();

      expect(new URL(page.url()).href).toBe(`${service.dashboard}/queues/${QUEUE}?in=shop`);
      await page.getByRole('button', { name: 'Pause …' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
      await page.getByRole('button', { name: 'Resume …' }).waitFor();
      expect(await service.queue.isPaused()).toBe(true);
      const obliterate = page.getByRole('button', { name: 'Obliterate …' });
      expect(await obliterate.getAttribute('aria-disabled')).toBe('true');
      expect(await obliterate.getAttribute('title')).toBe(
        'ada@example.org may not: this needs the permission “administer”, which the role “operator” does not have',
      );
      expect(complaints).toEqual([]);
    } finally {
      await service.close();
    }
  } finally {
    provider.stop();
  }
}, 120_000);
