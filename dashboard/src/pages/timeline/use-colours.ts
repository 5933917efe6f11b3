import { type RefObject, useEffect, useState } from 'react';
import type { TaskState } from '../../api/model.js';
import type { Colours } from './draw.js';

/**
 * The colours of the theme as a canvas takes them: read off the legend, because only the browser knows which theme it shows. Read again
 * when that changes.
 */
export function useColours(legend: RefObject<HTMLElement | null>): Colours | null {
  const [colours, setColours] = useState<Colours | null>(null);
  useEffect(() => {
    const read = () => {
      if (legend.current !== null) setColours(coloursIn(legend.current));
    };
    read();
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', read);
    const chosen = new MutationObserver(read);
    chosen.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      dark.removeEventListener('change', read);
      chosen.disconnect();
    };
  }, [legend]);
  return colours;
}

function coloursIn(legend: HTMLElement): Colours {
  const of = (selector: string, property: 'color' | 'backgroundColor' | 'borderTopColor' = 'color') => {
    const element = legend.querySelector(selector);
    return element === null ? '#888' : getComputedStyle(element)[property];
  };
  const state = (known: TaskState) => of(`[data-state="${known}"] .badge`);
  const style = getComputedStyle(legend);
  return {
    text: style.color,
    quiet: of('.hint'),
    line: of('.timeline-probe', 'borderTopColor'),
    ground: of('.timeline-probe', 'backgroundColor'),
    surface: of('.timeline-probe', 'backgroundColor'),
    states: {
      PENDING: state('PENDING'),
      RECEIVED: state('RECEIVED'),
      STARTED: state('STARTED'),
      SUCCESS: state('SUCCESS'),
      FAILURE: state('FAILURE'),
      RETRY: state('RETRY'),
      REVOKED: state('REVOKED'),
      REJECTED: state('REJECTED'),
      LOST: state('LOST'),
    },
    font: `12px ${style.fontFamily}`,
  };
}
