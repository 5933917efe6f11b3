import type uPlot from 'uplot';
import { clockTime, type Zone } from '../format/times.js';
import type { ChartData } from './chart-data.js';

interface Wanted {
  readonly element: HTMLElement;
  readonly stacked: boolean;
  readonly group: string;
  readonly zone: Zone;
  /** Counts have no halves between them. */
  readonly whole: boolean;
  readonly latest: () => { readonly data: ChartData; readonly format: (value: number) => string };
  readonly hover: (at: number | null) => void;
}

const WHOLE_STEPS = [0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((power) => [1, 2, 5].map((part) => part * 10 ** power));
const AXIS_FONT = '11px system-ui, sans-serif';

/** How uPlot draws, in the colours of the page. */
export function plotOptions({ element, stacked, group, zone, whole, latest, hover }: Wanted): uPlot.Options {
  const colour = (name: string) => resolved(element, name);
  const quiet = colour('--quiet');
  const line = colour('--line');
  const surface = colour('--surface');
  const axis = { stroke: quiet, font: AXIS_FONT, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    // At the right there is room for half a time.
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: group }, points: { show: !stacked }, drag: { x: false, y: false }, y: false },
    scales: { x: { time: true }, y: { range: (_, _least, most) => [0, most > 0 ? most * 1.08 : 1] } },
    axes: [
      {
        ...axis,
        size: 24,
        space: 80,
        values: (_, splits) => splits.map((split) => clockTime(split * 1_000, zone, Date.now()).slice(0, -3)),
      },
      {
        ...axis,
        size: 56,
        space: 32,
        ...(whole ? { incrs: WHOLE_STEPS } : {}),
        values: (_, splits) => splits.map((split) => latest().format(split)),
      },
    ],
    series: [
      {},
      ...latest().data.lines.map(({ label, tone }) => {
        const stroke = colour(`--${tone}`);
        return {
          label,
          stroke,
          width: stacked ? 1 : 1.5,
          points: { show: false },
          ...(stacked ? { fill: mixed(stroke, surface) } : {}),
        };
      }),
    ],
    hooks: {
      drawClear: [(plot) => hatchGaps(plot, latest().data, colour('--line-strong'))],
      draw: [(plot) => drawMarkers(plot, latest().data, colour('--text'))],
      setCursor: [(plot) => hover(plot.cursor.idx ?? null)],
    },
  };
}

/** uPlot paints on a canvas, which knows no custom properties. */
function resolved(element: HTMLElement, property: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${property})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Half of each, opaque: a lower area has to cover a higher one. */
function mixed(colour: string, ground: string): string {
  const [a, b] = [colour, ground].map((text) => (text.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number));
  if (a === undefined || b === undefined) return colour;
  return `rgb(${a.map((part, at) => Math.round(part * 0.55 + (b[at] ?? 0) * 0.45)).join(' ')})`;
}

const MARKER_PIXELS = 4;
const LABEL_CHARACTERS = 20;

/** A dashed line down from a small flag at the top; a whole one with its label beside it, where there is room, for what has one. */
function drawMarkers(plot: uPlot, { markers }: ChartData, stroke: string): void {
  const { ctx, bbox } = plot;
  const scale = plot.scales.x;
  if (scale?.min === undefined || scale.max === undefined) return;
  const { min, max } = scale;
  const shown = markers
    .filter(({ at }) => at >= min && at <= max)
    .map(({ at, label }) => ({ x: Math.round(plot.valToPos(at, 'x', true)) + 0.5, label }));
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.fillStyle = stroke;
  ctx.lineWidth = 1;
  for (const { x, label } of shown) {
    ctx.setLineDash(label === undefined ? [2, 3] : []);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x - MARKER_PIXELS, bbox.top);
    ctx.lineTo(x + MARKER_PIXELS, bbox.top);
    ctx.lineTo(x, bbox.top + MARKER_PIXELS * 1.5);
    ctx.fill();
  }
  writeLabels(
    plot,
    shown.filter(({ label }) => label !== undefined).sort((a, b) => a.x - b.x),
  );
  ctx.restore();
}

/** At the left of its line, else at the right; left out where it would run into the next. */
function writeLabels(
  { ctx, bbox }: uPlot,
  labelled: readonly { readonly x: number; readonly label: string | undefined }[],
): void {
  ctx.font = `${Math.round(11 * devicePixelRatio)}px system-ui, sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  const space = 2 * MARKER_PIXELS;
  let taken = bbox.left;
  labelled.forEach(({ x, label = '' }, at) => {
    const text = label.length > LABEL_CHARACTERS ? `${label.slice(0, LABEL_CHARACTERS - 1)}…` : label;
    const wide = ctx.measureText(text).width;
    const next = labelled[at + 1]?.x ?? bbox.left + bbox.width;
    const left = x - space - wide;
    if (left >= taken) ctx.fillText(text, left, bbox.top);
    else if (x + space + wide <= next) ctx.fillText(text, x + space, bbox.top);
    taken = left < taken ? x + space + wide : x + space;
  });
}

const HATCH_PIXELS = 8;

function hatchGaps(plot: uPlot, { gaps }: ChartData, stroke: string): void {
  const { ctx, bbox } = plot;
  const scale = plot.scales.x;
  if (scale?.min === undefined || scale.max === undefined) return;
  const { min, max } = scale;
  ctx.save();
  ctx.beginPath();
  for (const gap of gaps) {
    const from = gap.from === null ? min : Date.parse(gap.from) / 1_000;
    const to = gap.to === null ? max : Date.parse(gap.to) / 1_000;
    if (to < min || from > max) continue;
    const left = plot.valToPos(Math.max(from, min), 'x', true);
    // A short gap is still to be seen.
    const right = Math.max(left + 3, plot.valToPos(Math.min(to, max), 'x', true));
    ctx.rect(left, bbox.top, right - left, bbox.height);
  }
  ctx.clip();
  ctx.beginPath();
  for (let x = bbox.left - bbox.height; x < bbox.left + bbox.width; x += HATCH_PIXELS) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.strokeStyle = stroke;
  ctx.lineWidth = 1;
  ctx.globalAlpha = 0.5;
  ctx.stroke();
  ctx.restore();
}
