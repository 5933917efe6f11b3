import { type PointerEvent, type RefObject, useEffect, useRef } from 'react';

interface Acts {
  /** `x` is where, in pixels from the left. */
  readonly zoom: (factor: number, x: number) => void;
  /** To later times by so many pixels. */
  readonly pan: (pixels: number) => void;
  /** Downwards. */
  readonly scroll: (pixels: number) => void;
  readonly hover: (at: { readonly x: number; readonly y: number } | null) => void;
  readonly click: (x: number, y: number) => void;
}

/** Less than this is a click, not a drag. */
const STILL_PIXELS = 4;
/** One notch of most wheels is 100. */
const FACTOR_PER_PIXEL = 1.0022;

interface Grip {
  readonly x: number;
  readonly y: number;
  readonly dragging: boolean;
}

/** Pointer and wheel over the canvas. */
export function useDrag(canvas: RefObject<HTMLCanvasElement | null>, acts: Acts) {
  const latest = useRef(acts);
  useEffect(() => {
    latest.current = acts;
  });
  const grip = useRef<Grip | null>(null);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    // Only a listener that says so may keep the page from scrolling; React's do not.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) latest.current.pan(sideways);
      else latest.current.zoom(FACTOR_PER_PIXEL ** event.deltaY, event.offsetX);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [canvas]);

  const place = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      grip.current = { ...place(event), dragging: false };
    },
    onPointerMove: (event: PointerEvent) => {
      const at = place(event);
      const held = grip.current;
      if (held === null) {
        acts.hover(at);
        return;
      }
      const [dx, dy] = [at.x - held.x, at.y - held.y];
      if (!held.dragging && Math.hypot(dx, dy) < STILL_PIXELS) return;
      acts.pan(-dx);
      if (event.pointerType === 'mouse') acts.scroll(-dy);
      grip.current = { ...at, dragging: true };
    },
    onPointerUp: (event: PointerEvent) => {
      const held = grip.current;
      grip.current = null;
      if (held !== null && !held.dragging) acts.click(held.x, held.y);
      event.currentTarget.releasePointerCapture(event.pointerId);
    },
    onPointerCancel: () => {
      grip.current = null;
    },
    onPointerLeave: () => {
      if (grip.current === null) acts.hover(null);
    },
  };
}
