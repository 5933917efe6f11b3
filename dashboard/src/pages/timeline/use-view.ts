import { useCallback, useState } from 'react';
import { useNow } from '../../scope/now.js';
import { useScope } from '../../scope/scope.js';
import { moved, type View, within, zoomed } from './bars.js';

/** A step of a key or a button, as a part of what is shown. */
const STEP = 0.25;
const FACTOR = 1.6;

export interface ViewState {
  readonly view: View;
  /** The range of the page, which the view cannot leave. */
  readonly whole: View;
  /** True while the view is the whole range, and moves on with time. */
  readonly following: boolean;
  readonly zoom: (factor: number, at?: number) => void;
  readonly pan: (milliseconds: number) => void;
  readonly step: (direction: -1 | 1) => void;
  readonly closer: () => void;
  readonly farther: () => void;
  readonly show: (view: View) => void;
  readonly follow: () => void;
}

/** What of the range is shown. It follows the clock until the reader takes it somewhere. */
export function useView(heldAt: number): ViewState {
  const { rangeSeconds, live } = useScope();
  const clock = useNow();
  const now = live ? clock : heldAt;
  const [chosen, setChosen] = useState<View | null>(null);
  const whole = { from: now - rangeSeconds * 1_000, to: now };
  const view = chosen === null ? whole : within(chosen, whole);

  const change = useCallback(
    (next: (view: View) => View) => {
      setChosen((current) => {
        const end = live ? Date.now() : heldAt;
        const all = { from: end - rangeSeconds * 1_000, to: end };
        return within(next(current === null ? all : within(current, all)), all);
      });
    },
    [live, heldAt, rangeSeconds],
  );
  const zoom = useCallback(
    (factor: number, at?: number) => change((shown) => zoomed(shown, factor, at ?? (shown.from + shown.to) / 2)),
    [change],
  );
  const pan = useCallback((milliseconds: number) => change((shown) => moved(shown, milliseconds)), [change]);
  const step = useCallback(
    (direction: -1 | 1) => change((shown) => moved(shown, direction * STEP * (shown.to - shown.from))),
    [change],
  );
  return {
    view,
    whole,
    following: chosen === null,
    zoom,
    pan,
    step,
    closer: () => zoom(1 / FACTOR),
    farther: () => zoom(FACTOR),
    show: (next) => change(() => next),
    follow: () => setChosen(null),
  };
}
