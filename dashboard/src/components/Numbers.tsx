import { duration } from '../format/durations.js';
import { bytes, count, percent, rate } from '../format/numbers.js';
import { Unknown } from './Unknown.js';

interface Props {
  readonly value: number | null | undefined;
  /** Said on hover where the value is null. */
  readonly why?: string;
}

interface Written extends Props {
  readonly format: (value: number) => string;
  /** The unit of the exact number on hover. */
  readonly unit: string;
}

function Written({ value, why = 'The engine does not tell this', format, unit }: Written) {
  if (value === null || value === undefined) return <Unknown why={why} />;
  return (
    <span className="number" title={`${value}${unit}`}>
      {format(value)}
    </span>
  );
}

/** 1 204, the exact number on hover. */
export function Count(props: Props) {
  return <Written {...props} format={count} unit="" />;
}

/** Takes seconds. */
export function Duration(props: Props) {
  return <Written {...props} format={duration} unit=" s" />;
}

export function Bytes(props: Props) {
  return <Written {...props} format={bytes} unit=" bytes" />;
}

export function Rate(props: Props) {
  return <Written {...props} format={rate} unit=" per second" />;
}

/** Takes a share of one. */
export function Percent(props: Props) {
  return <Written {...props} format={percent} unit=" of 1" />;
}
