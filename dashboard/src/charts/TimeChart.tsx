import { useEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import { clockTime } from '../format/times.js';
import { useNow } from '../scope/now.js';
import { useTheme, useZone } from '../scope/preferences.js';
import type { ChartData, ChartLine } from './chart-data.js';
import { gapAt, gapWords } from './gap-words.js';
import { plotOptions } from './plot-options.js';
import './chart.css';

interface Props {
  readonly title: string;
  readonly data: ChartData;
  readonly format: (value: number) => string;
  /** What is drawn is counted, and never a half. */
  readonly whole?: boolean;
  /** Lines are parts of a whole, drawn on top of one another. */
  readonly stacked?: boolean;
  /** Charts of one group share a crosshair. */
  readonly group: string;
}

/** Lines over time with one crosshair per group. Gaps are hatched: what is not known is never drawn as zero. uPlot is loaded when used. */
export function TimeChart({ title, data, format, whole = false, stacked = false, group }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [at, setAt] = useState<number | null>(null);
  const [theme] = useTheme();
  const zone = useZone();
  const now = useNow();
  const { times, lines, gaps, markers } = data;
  const shape = lines.map(({ label, tone }) => `${label} ${tone}`).join();
  const latest = useRef({ data, format });
  latest.current = { data, format };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new plot only for another shape or look; values are set below
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    let over = false;
    let observer: ResizeObserver | undefined;
    void import('uplot').then(({ default: UPlot }) => {
      if (over) return;
      const options = plotOptions({ element, stacked, group, zone, whole, latest: () => latest.current, hover: setAt });
      const made = new UPlot(options, plotData(latest.current.data, stacked), element);
      plot.current = made;
      observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: element.clientHeight }));
      observer.observe(element);
    });
    return () => {
      over = true;
      observer?.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [shape, stacked, group, zone, theme]);

  useEffect(() => plot.current?.setData(plotData(data, stacked)), [data, stacked]);

  const shown = at ?? lastKnown(lines);
  const time = shown === null ? undefined : times[shown];
  const pointed = at === null ? undefined : time;
  const note = pointed === undefined ? '' : noteAt(pointed);
  function noteAt(moment: number): string {
    const step = (times[1] ?? 0) - (times[0] ?? 0);
    const gap = gapAt(gaps, moment * 1_000);
    return [
      ...markers.filter(({ at: when }) => Math.abs(when - moment) <= step).map(({ words }) => words),
      ...(gap === null ? [] : [gapWords(gap, zone, now)]),
    ].join('; ');
  }
  return (
    <figure className="chart">
      <figcaption>
        <h2>{title}</h2>
        <p className="chart-note" role="note" title={note}>
          {[...(pointed === undefined ? [] : [clockTime(pointed * 1_000, zone, now)]), note]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </figcaption>
      <ul className="chart-legend">
        {lines.map((line) => (
          <li key={line.label} data-tone={line.tone}>
            {line.label} <strong className="number">{valueText(line, shown, format)}</strong>
          </li>
        ))}
      </ul>
      <div ref={place} className="chart-plot" role="img" aria-label={`${title} over time`} />
    </figure>
  );
}

function valueText(line: ChartLine, at: number | null, format: (value: number) => string): string {
  const value = at === null ? null : (line.values[at] ?? null);
  return value === null ? '–' : format(value);
}

/** The last step of which anything is known: the present one has only begun. */
function lastKnown(lines: readonly ChartLine[]): number | null {
  const length = lines[0]?.values.length ?? 0;
  for (let at = length - 1; at >= 0; at -= 1) if (lines.some(({ values }) => (values[at] ?? null) !== null)) return at;
  return null;
}

/** Stacked, each line is the sum of itself and all after it: drawn in this order, the lower cover the higher. */
function plotData({ times, lines }: ChartData, stacked: boolean): uPlot.AlignedData {
  const values = lines.map((line) => [...line.values]);
  if (stacked) {
    for (let line = values.length - 2; line >= 0; line -= 1) {
      values[line] = (values[line] ?? []).map((value, at) => {
        const below = values[line + 1]?.[at] ?? null;
        return value === null && below === null ? null : (value ?? 0) + (below ?? 0);
      });
    }
  }
  return [[...times], ...values];
}
