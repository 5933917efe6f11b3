import type { TaskState } from '../../api/model.js';
import type { Marker } from '../../charts/chart-data.js';
import { clockTime, type Zone } from '../../format/times.js';
import { type Bar, ticks, type View } from './bars.js';
import { type Lane, type Layout, ROW, topOf } from './lanes.js';

/** Height of the band that tells the times, pixels. */
export const HEAD = 24;
const BAR = ROW - 4;
/** From this width on a bar tells the name of its task. */
const NAMED_FROM = 56;
const TICK_EVERY = 120;

export interface Colours {
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly ground: string;
  readonly surface: string;
  readonly states: Readonly<Record<TaskState, string>>;
  readonly font: string;
}

export interface Shown {
  readonly view: View;
  readonly layout: Layout;
  /** Pixels that lie above what is seen. */
  readonly scrolled: number;
  readonly width: number;
  readonly height: number;
  readonly now: number;
  readonly zone: Zone;
  readonly gaps: readonly View[];
  readonly markers: readonly Marker[];
  readonly marked: Bar | null;
}

/** Draws whatever can be seen. Bars too small to be told apart are drawn once, so that 10 000 cost no more than fit. */
export function draw(context: CanvasRenderingContext2D, shown: Shown, colours: Colours): void {
  const { view, layout, scrolled, width, height } = shown;
  const x = (at: number) => ((at - view.from) / (view.to - view.from)) * width;
  context.clearRect(0, 0, width, height);
  context.font = colours.font;
  context.textBaseline = 'middle';

  const times = ticks(view, Math.max(2, Math.floor(width / TICK_EVERY)));
  context.fillStyle = colours.line;
  for (const at of times) context.fillRect(Math.round(x(at)), HEAD, 1, height);
  for (const gap of shown.gaps) hatch(context, x(gap.from), x(gap.to), shown, colours);

  for (const lane of layout.lanes) {
    const top = HEAD + lane.top - scrolled;
    if (top > height || top + lane.height < HEAD) continue;
    context.fillStyle = colours.line;
    context.fillRect(0, top + lane.height - 1, width, 1);
    drawLane(context, lane, shown, colours, x);
    const room = Math.min(context.measureText(lane.name).width, width - 16);
    context.fillStyle = colours.surface;
    context.fillRect(4, top + 2, room + 8, 18);
    context.fillStyle = colours.text;
    context.fillText(lane.name, 8, top + 12, width - 16);
  }

  for (const marker of shown.markers) markDeployment(context, marker, x(marker.at * 1_000), shown, colours);

  context.fillStyle = colours.surface;
  context.fillRect(0, 0, width, HEAD);
  context.fillStyle = colours.line;
  context.fillRect(0, HEAD - 1, width, 1);
  context.fillStyle = colours.quiet;
  for (const at of times) {
    const left = x(at) + 4;
    if (left < width - 48) context.fillText(timeWord(at, shown), left, HEAD / 2);
  }
}

function timeWord(at: number, { view, zone, now }: Shown): string {
  const word = clockTime(at, zone, now);
  return view.to - view.from < 10_000 ? `${word}.${String(Math.floor(at % 1_000)).padStart(3, '0')}` : word;
}

function drawLane(
  context: CanvasRenderingContext2D,
  lane: Lane,
  shown: Shown,
  colours: Colours,
  x: (at: number) => number,
): void {
  const { width, height, scrolled, now, marked } = shown;
  lane.rows.forEach((bars, row) => {
    const top = HEAD + topOf(lane, row) - scrolled;
    if (top > height || top + ROW < HEAD) return;
    let drawnTo = Number.NEGATIVE_INFINITY;
    let drawnState: TaskState | null = null;
    for (const bar of bars) {
      const left = x(bar.from);
      if (left > width) break;
      const right = Math.max(x(bar.to ?? now), left + 1.5);
      if (right < 0 || (right <= drawnTo && bar.state === drawnState && bar !== marked)) continue;
      drawBar(context, bar, { left, right, top, width }, colours);
      if (bar === marked) outline(context, { left, right, top, width }, colours);
      drawnTo = Math.ceil(right);
      drawnState = bar.state;
    }
  });
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly width: number;
}

/** The shape tells the state too: running is hollow, a lost one dashed, a retry half as high, a failure crossed, a revoked one struck through. */
function drawBar(context: CanvasRenderingContext2D, bar: Bar, box: Box, colours: Colours): void {
  const left = Math.max(box.left, -2);
  const size = Math.min(box.right, box.width + 2) - left;
  const { top } = box;
  const colour = colours.states[bar.state];
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  if (bar.state === 'LOST') context.setLineDash([3, 2]);
  if (bar.state === 'STARTED' || bar.state === 'LOST')
    context.strokeRect(left + 0.5, top + 0.5, Math.max(size - 1, 1), BAR - 1);
  else if (bar.state === 'RETRY') context.fillRect(left, top + BAR / 2, size, BAR / 2);
  else context.fillRect(left, top, size, BAR);

  context.setLineDash([]);
  const inside = bar.state === 'STARTED' || bar.state === 'LOST' ? colours.text : colours.ground;
  let used = 4;
  if (size >= 16 && (bar.state === 'FAILURE' || bar.state === 'REVOKED' || bar.state === 'REJECTED')) {
    context.strokeStyle = inside;
    context.lineWidth = 1.5;
    context.beginPath();
    if (bar.state === 'FAILURE') {
      context.moveTo(left + 4, top + 3);
      context.lineTo(left + 10, top + BAR - 3);
      context.moveTo(left + 10, top + 3);
      context.lineTo(left + 4, top + BAR - 3);
    } else {
      context.moveTo(left + 4, top + BAR - 3);
      context.lineTo(left + 10, top + 3);
    }
    context.stroke();
    used = 14;
  }
  if (size < NAMED_FROM || bar.name === null || bar.state === 'RETRY') return;
  context.save();
  context.beginPath();
  context.rect(left, top, size - 4, BAR);
  context.clip();
  context.fillStyle = inside;
  context.fillText(bar.name, left + used, top + BAR / 2 + 0.5);
  context.restore();
}

function outline(context: CanvasRenderingContext2D, { left, right, top }: Box, colours: Colours): void {
  context.strokeStyle = colours.text;
  context.lineWidth = 2;
  context.strokeRect(left - 2, top - 2, right - left + 4, BAR + 4);
}

/** A line through all lanes, named at its foot. */
function markDeployment(
  context: CanvasRenderingContext2D,
  { label = '' }: Marker,
  left: number,
  { width, height }: Shown,
  colours: Colours,
): void {
  if (left < 0 || left > width) return;
  context.fillStyle = colours.text;
  context.fillRect(Math.round(left), HEAD, 1, height);
  const wide = context.measureText(label).width + 8;
  const beside = Math.round(left) + (left + wide > width ? -wide : 1);
  context.fillStyle = colours.surface;
  context.fillRect(beside, height - 18, wide, 18);
  context.fillStyle = colours.text;
  context.fillText(label, beside + 4, height - 9);
}

/** A time of which not everything is known. */
function hatch(context: CanvasRenderingContext2D, from: number, to: number, shown: Shown, colours: Colours): void {
  const left = Math.max(0, from);
  const right = Math.min(shown.width, Math.max(to, from + 2));
  if (right <= left) return;
  context.save();
  context.beginPath();
  context.rect(left, HEAD, right - left, shown.height - HEAD);
  context.clip();
  context.strokeStyle = colours.quiet;
  context.lineWidth = 1;
  context.globalAlpha = 0.4;
  context.beginPath();
  for (let at = left - shown.height; at < right; at += 8) {
    context.moveTo(at, shown.height);
    context.lineTo(at + shown.height, 0);
  }
  context.stroke();
  context.restore();
}
