/** PORT. The only two clocks: one for points in time, one for durations. */
export abstract class Clock {
  /** Epoch milliseconds. May jump. */
  abstract now(): number;
  /** Milliseconds from an arbitrary start. Never goes back. */
  abstract monotonic(): number;
}

export class SystemClock extends Clock {
  override now(): number {
    return Date.now();
  }

  override monotonic(): number {
    return performance.now();
  }
}
