import type { TimeSlices } from '../time-slices.js';

/** A column holds not one value: nothing can be said of what is missing. */
export class InvalidDataset extends Error {
  override readonly name = 'InvalidDataset';
}

/** Puts the column's mean where a value is missing (NaN). Changes the rows; answers how many it filled. */
export async function imputeMissing(rows: readonly Float64Array[], slices: TimeSlices): Promise<number> {
  let filled = 0;
  for (const column of columnsOf(rows)) {
    const known = rows.map((row) => row[column] ?? Number.NaN).filter((value) => !Number.isNaN(value));
    if (known.length === 0) throw new InvalidDataset(`column ${column} has no values at all`);
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    for (const row of rows) {
      if (!Number.isNaN(row[column])) continue;
      row[column] = mean;
      filled += 1;
    }
    if (slices.due()) await slices.rest();
  }
  return filled;
}

/** Gives every column mean 0 and deviation 1; a constant column becomes all zeros. Changes the rows. */
export async function scaleFeatures(rows: readonly Float64Array[], slices: TimeSlices): Promise<void> {
  for (const column of columnsOf(rows)) {
    const values = rows.map((row) => row[column] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    for (const [place, row] of rows.entries())
      row[column] = deviation === 0 ? 0 : ((values[place] ?? 0) - mean) / deviation;
    if (slices.due()) await slices.rest();
  }
}

function columnsOf(rows: readonly Float64Array[]): readonly number[] {
  return [...(rows[0]?.keys() ?? [])];
}
