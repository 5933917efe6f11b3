/** null as soon as one number is not known: a sum that leaves something out would be a guess. */
export function sum(numbers: readonly (number | null)[]): number | null {
  let total = 0;
  for (const number of numbers) {
    if (number === null) return null;
    total += number;
  }
  return total;
}
