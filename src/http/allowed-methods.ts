interface RouteLayer {
  readonly route: { readonly methods: object };
  match(path: string): boolean;
}

/** Which methods a path has, read from Express' own routes, so that it cannot differ from what is served. */
export class AllowedMethods {
  readonly #express: unknown;

  /** `express` is the application; its routes may be registered later. */
  constructor(express: unknown) {
    this.#express = express;
  }

  /** Empty where the path does not exist. O(routes). */
  of(path: string): readonly string[] {
    const methods = new Set<string>();
    for (const layer of routeLayers(this.#express)) {
      if (!matches(layer, path)) continue;
      for (const [method, on] of Object.entries(layer.route.methods)) {
        if (on === true) methods.add(method.toUpperCase());
      }
    }
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods].sort();
  }
}

function matches(layer: RouteLayer, path: string): boolean {
  try {
    return layer.match(path);
  } catch (error) {
    // A path that cannot be percent-decoded names nothing.
    if (error instanceof URIError) return false;
    throw error;
  }
}

function* routeLayers(express: unknown): IterableIterator<RouteLayer> {
  const router = memberOf(express, 'router');
  const stack = memberOf(router, 'stack');
  if (!Array.isArray(stack)) return;
  for (const layer of stack) if (isRouteLayer(layer)) yield layer;
}

function isRouteLayer(layer: unknown): layer is RouteLayer {
  const methods = memberOf(memberOf(layer, 'route'), 'methods');
  return typeof methods === 'object' && methods !== null && typeof memberOf(layer, 'match') === 'function';
}

function memberOf(value: unknown, name: string): unknown {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? Reflect.get(value, name) : null;
}
