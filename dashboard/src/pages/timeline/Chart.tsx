import {
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { Marker } from '../../charts/chart-data.js';
import { useWidth } from '../../components/use-width.js';
import { useZone } from '../../scope/preferences.js';
import type { Bar, View } from './bars.js';
import { describe } from './describe.js';
import { draw, HEAD } from './draw.js';
import { barAt, inOrder, type Layout } from './lanes.js';
import { useColours } from './use-colours.js';
import { useDrag } from './use-drag.js';
import type { ViewState } from './use-view.js';

interface Props {
  readonly layout: Layout;
  readonly state: ViewState;
  readonly gaps: readonly View[];
  readonly markers: readonly Marker[];
  readonly now: number;
  readonly legend: RefObject<HTMLElement | null>;
  readonly onOpen: (bar: Bar) => void;
}

const SLACK_PIXELS = 4;

/**
 * The bars themselves. A canvas as large as what is seen, under a scroller as high as all lanes: what is drawn does not depend on how much
 * there is. Wheel zooms, drag moves, a click opens; with keys: arrows, plus and minus, n and b for the next bar, Enter.
 */
export function Chart({ layout, state, gaps, markers, now, legend, onOpen }: Props) {
  const { view } = state;
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(scroller);
  const [height, setHeight] = useState(0);
  const [scrolled, setScrolled] = useState(0);
  const [marked, setMarked] = useState<Bar | null>(null);
  const [pointer, setPointer] = useState<{ readonly x: number; readonly y: number } | null>(null);
  const colours = useColours(legend);
  const zone = useZone();
  const bars = useMemo(() => inOrder(layout), [layout]);
  // A bar drawn anew after the next answer is the same task.
  const current =
    marked === null ? null : (bars.find(({ id, source }) => id === marked.id && source === marked.source) ?? null);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = () => setHeight(element.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element === null || context === null || context === undefined || colours === null || width === 0) return;
    const frame = requestAnimationFrame(() => {
      const scale = window.devicePixelRatio;
      const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
      if (element.width !== wide) element.width = wide;
      if (element.height !== high) element.height = high;
      context.setTransform(scale, 0, 0, scale, 0, 0);
      draw(context, { view, layout, scrolled, width, height, now, zone, gaps, markers, marked: current }, colours);
    });
    return () => cancelAnimationFrame(frame);
  }, [view, layout, scrolled, width, height, now, zone, gaps, markers, current, colours]);

  const hit = useCallback(
    (x: number, y: number): Bar | null => {
      if (y < HEAD || width === 0) return null;
      const perPixel = (view.to - view.from) / width;
      return barAt(layout, view.from + x * perPixel, y - HEAD + scrolled, SLACK_PIXELS * perPixel, now);
    },
    [layout, view, width, scrolled, now],
  );
  const drag = useDrag(canvas, {
    zoom: (factor, x) => state.zoom(factor, view.from + (x / width) * (view.to - view.from)),
    pan: (pixels) => state.pan((pixels / width) * (view.to - view.from)),
    scroll: (pixels) => scroller.current?.scrollBy(0, pixels),
    hover: (at) => {
      setPointer(at);
      setMarked(at === null ? null : hit(at.x, at.y));
    },
    click: (x, y) => {
      const bar = hit(x, y);
      if (bar !== null) onOpen(bar);
    },
  });

  const walk = (by: 1 | -1) => {
    const here = current === null ? (by === 1 ? -1 : bars.length) : bars.indexOf(current);
    const next = bars[Math.min(Math.max(here + by, 0), bars.length - 1)];
    if (next === undefined) return;
    setPointer(null);
    setMarked(next);
    const half = (view.to - view.from) / 2;
    const outside = next.from < view.from || next.from > view.to;
    if (outside) state.show({ from: next.from - half, to: next.from + half });
    const lane = layout.lanes.find(({ name }) => name === next.lane);
    if (lane !== undefined) scroller.current?.scrollTo({ top: Math.max(0, lane.top - 40) });
  };

  const actOf = (key: string): (() => void) | null => {
    switch (key) {
      case 'ArrowLeft':
        return () => state.step(-1);
      case 'ArrowRight':
        return () => state.step(1);
      case 'ArrowUp':
        return () => scroller.current?.scrollBy(0, -48);
      case 'ArrowDown':
        return () => scroller.current?.scrollBy(0, 48);
      case '+':
      case '=':
        return state.closer;
      case '-':
        return state.farther;
      case '0':
        return state.follow;
      case 'n':
        return () => walk(1);
      case 'b':
        return () => walk(-1);
      case 'Enter':
        return current === null ? null : () => onOpen(current);
      default:
        return null;
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const act = actOf(event.key);
    if (act === null) return;
    event.preventDefault();
    act();
  };

  const said = current === null ? '' : describe(current, zone, now);
  return (
    <div className="timeline-box">
      <div
        ref={scroller}
        className="timeline-scroller"
        role="application"
        aria-roledescription="timeline"
        aria-label={`${bars.length} bars on ${layout.lanes.length} lanes. Arrows move, plus and minus zoom, n and b go to the next and the last bar, Enter opens it.`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
      >
        <canvas ref={canvas} className="timeline-canvas" data-over={current !== null} {...drag} />
        <div style={{ height: Math.max(0, layout.height + HEAD - height) }} />
      </div>
      <p className="visually-hidden" role="status">
        {pointer === null ? said : ''}
      </p>
      {current !== null && (
        <p
          className="timeline-tip"
          aria-hidden="true"
          style={
            pointer === null
              ? { left: 8, bottom: 8 }
              : { left: Math.max(0, Math.min(pointer.x, width - 280)), top: Math.min(pointer.y + 18, height - 48) }
          }
        >
          {said}
        </p>
      )}
    </div>
  );
}
