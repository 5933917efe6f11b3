import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Where Debian, Alpine, Fedora and Arch put it, after whatever the environment says. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export function startBrowser(...further: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      // Root, as in a container, has no sandbox.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...further,
    ],
  });
}

export interface WatchedPage {
  readonly page: Page;
  /** What the page complained about: errors, refused scripts, failed policies. */
  readonly complaints: readonly string[];
}

/** A page of its own context, whose complaints are kept. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A request that the service refuses is logged by the browser too; the page shows it, and tests look there.
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}

/** What axe finds against WCAG 2.2 AA, each as one line. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  // Through the debugger: the page's own policy refuses scripts from elsewhere, as it should.
  await page.evaluate(`${AXE};0`);
  const found: unknown = await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) =>
        id + ': ' + help + ' at ' + target.join(' ') + ' ' + failureSummary.replaceAll(/\\s+/g, ' '))))`,
  );
  return Array.isArray(found) ? found.map(String) : [`expected a list from axe, found ${JSON.stringify(found)}`];
}

/** True where something sticks out to the right, so that the page scrolls sideways. */
export async function overflows(page: Page): Promise<boolean> {
  const found: unknown = await page.evaluate(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth || document.querySelector("main").scrollWidth > document.querySelector("main").clientWidth + 1',
  );
  return found === true;
}
