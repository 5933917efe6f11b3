import type { Page } from 'playwright-core';
import { median } from './figure.js';

const FILTERS = ['state:FAILURE', 'name:app.tasks.model_7', 'state:RETRY', 'name:app.tasks.model_42 and state:SUCCESS'];
/** Milliseconds between two keys of somebody who types fast. */
const KEY_EVERY = 80;

export interface Typing {
  /** Milliseconds from the last key to the frame that shows what the filter selects, by the page's own clock; the median. */
  readonly shownMs: number;
  /** Of these, from asking the service to the end of its answer. */
  readonly answeredMs: number;
}

/** Types filters key by key, as one does: every key asks, and the last one counts. */
export async function measureTyping(page: Page, address: string): Promise<Typing> {
  const shown: number[] = [];
  const answered: number[] = [];
  for (const text of [...FILTERS, ...FILTERS]) {
    await page.goto(address);
    await page.getByRole('grid', { name: /^Tasks/ }).waitFor();
    const field = page.getByRole('combobox', { name: 'Filter' });
    await field.pressSequentially(text.slice(0, -1), { delay: KEY_EVERY });
    await page.evaluate(`(${WATCH})(${JSON.stringify(text)})`);
    await field.press(text.slice(-1));
    const told: unknown = await page.evaluate('globalThis.benchTyped');
    const [all = Number.NaN, asked = Number.NaN] = Array.isArray(told) ? told.map(Number) : [];
    shown.push(all);
    answered.push(asked);
  }
  return { shownMs: median(shown), answeredMs: median(answered) };
}

/** Runs in the page, which alone knows when a key arrived and when a frame was drawn. */
const WATCH = `(text) => {
  const answer = () => performance.getEntriesByType('resource')
    .find(({ name, responseEnd }) => responseEnd > 0 && new URL(name).searchParams.get('q') === text);
  globalThis.benchTyped = new Promise((done) => {
    const look = (key) => {
      const found = answer();
      if (found === undefined || document.querySelector('[role=grid]:not([aria-busy])') === null)
        requestAnimationFrame(() => look(key));
      // What was put into the page is drawn with the next frame.
      else requestAnimationFrame(() => done([performance.now() - key, found.duration]));
    };
    addEventListener('keydown', ({ timeStamp }) => look(timeStamp), { once: true, capture: true });
  });
}`;
