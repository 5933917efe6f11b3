import type { CDPSession, Page } from 'playwright-core';

export interface Frames {
  /** As the page itself counts them: what the reader sees, whatever else the processors do. */
  readonly perSecond: number;
  readonly longestMs: number;
  /** Processor time of the page's own thread for a frame: script, style, layout and paint. At 60 frames a second there is room for 16 ms. */
  readonly workMs: number;
}

/** How smoothly a page is drawn while something happens. */
export async function framesWhile(page: Page, work: () => Promise<void>): Promise<Frames> {
  const session = await page.context().newCDPSession(page);
  // Processor time, not time that passes: others on the machine do not count.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
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
  const before = await busySeconds(session);
  await work();
  const busy = (await busySeconds(session)) - before;
  const told: unknown = await page.evaluate(`(() => {
    const seen = globalThis.benchFrames;
    seen.over = true;
    return [seen.count, performance.now() - seen.from, seen.longest];
  })()`);
  await session.detach();
  const [count = Number.NaN, tookMs = Number.NaN, longestMs = Number.NaN] = Array.isArray(told) ? told.map(Number) : [];
  return { perSecond: count / (tookMs / 1_000), longestMs, workMs: (busy * 1_000) / count };
}

/** Of the page's own thread, since it began. */
async function busySeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}
