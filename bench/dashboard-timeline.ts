import type { Page } from 'playwright-core';
import { type Frames, framesWhile } from './frames.js';

/** Of the 10 000 that are asked for some have not begun yet, and are no bars. */
const BARS = 9_900;
const STEPS = 60;
const STEP_MS = 16;

/** The timeline with as many bars as it draws, while it is zoomed into, moved and zoomed out of again. */
export async function measureTimeline(page: Page, dashboard: string): Promise<Frames & { readonly bars: number }> {
  await page.goto(`${dashboard}/timeline?range=7d`);
  const chart = page.getByRole('application', { name: /bars on/ });
  await chart.waitFor({ timeout: 60_000 });
  const bars = Number.parseInt((await chart.getAttribute('aria-label')) ?? '', 10);
  if (!(bars >= BARS)) throw new Error(`expected at least ${BARS} bars to measure, found ${bars}`);
  const box = await chart.boundingBox();
  if (box === null) throw new Error('expected a chart on the page, found none to be seen');
  // Where the latest bars are: at the right end.
  const [x, y] = [box.x + box.width * 0.95, box.y + box.height / 2];
  const step = async (act: () => Promise<void>) => {
    await act();
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  };
  await page.mouse.move(x, y);
  const frames = await framesWhile(page, async () => {
    for (let turn = 0; turn < STEPS; turn += 1) await step(() => page.mouse.wheel(0, -40));
    await page.mouse.down();
    for (let turn = 0; turn < STEPS; turn += 1) await step(() => page.mouse.move(x - turn * 8, y));
    for (let turn = STEPS; turn > 0; turn -= 1) await step(() => page.mouse.move(x - turn * 8, y));
    await page.mouse.up();
    for (let turn = 0; turn < STEPS; turn += 1) await step(() => page.mouse.wheel(0, 40));
  });
  return { ...frames, bars };
}
