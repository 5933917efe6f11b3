import type { Page } from 'playwright-core';

export interface Frames {
  readonly perSecond: number;
  readonly longestMs: number;
}

/** How smoothly a page is drawn while something happens: every frame is counted in the page itself. */
export async function framesWhile(page: Page, work: () => Promise<void>): Promise<Frames> {
  await page.evaluate(`(() => {
    const seen = { count: 0, longest: 0, from: performance.now(), last: performance.now(), over: false };
    globalThis.benchFrames = seen;
    const next = (at) => {
      if (seen.over) return;
      seen.count += 1;
      seen.longest = Math.max(seen.longest, at - seen.last);
      seen.last = at;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  })()`);
  await work();
  const told: unknown = await page.evaluate(`(() => {
    const seen = globalThis.benchFrames;
    seen.over = true;
    return [seen.count / ((performance.now() - seen.from) / 1000), seen.longest];
  })()`);
  const [perSecond, longestMs] = Array.isArray(told) ? told.map(Number) : [];
  return { perSecond: perSecond ?? Number.NaN, longestMs: longestMs ?? Number.NaN };
}
