import type { Tone } from '../components/State.js';

interface Props {
  /** Oldest first; null where nothing is known. */
  readonly values: readonly (number | null)[];
  readonly tone?: Tone;
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
}

/** A line without axes: where something is heading, in the space of a word. Zero is always its floor. */
export function Sparkline({ values, tone = 'unknown', label, width = 96, height = 24 }: Props) {
  const top = Math.max(...values.map((value) => value ?? 0), Number.EPSILON);
  const step = values.length < 2 ? 0 : width / (values.length - 1);
  let path = '';
  let pen = false;
  values.forEach((value, at) => {
    if (value === null) {
      pen = false;
      return;
    }
    const y = height - 1.5 - (value / top) * (height - 3);
    path += `${pen ? 'L' : 'M'}${(at * step).toFixed(1)} ${y.toFixed(1)}`;
    pen = true;
  });
  return (
    <svg className="sparkline" data-tone={tone} width={width} height={height} role="img" aria-label={label}>
      <path d={path} />
    </svg>
  );
}
