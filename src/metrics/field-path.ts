/** Finds one value in a task's result. Reads own fields only, so `__proto__` or `constructor` lead nowhere unless the result has them. */
export class FieldPath {
  readonly #steps: readonly string[];

  constructor(path: string) {
    this.#steps = path.split('.');
  }

  /** undefined where there is no such field, or it holds null, which is how JSON says "nothing". */
  read(value: unknown): unknown {
    let at = value;
    for (const step of this.#steps) {
      if (!isFields(at) || !Object.hasOwn(at, step)) return undefined;
      at = at[step];
    }
    return at ?? undefined;
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
