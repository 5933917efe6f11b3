/** What a value has that its schema of the document does not allow, or lacks; empty where it conforms. Knows the part of OpenAPI 3.0 that the document uses. */
export function nonconformities(document: unknown, schema: unknown, value: unknown, path = '$'): readonly string[] {
  const ref = memberOf(schema, '$ref');
  if (typeof ref === 'string') return nonconformities(document, resolve(document, ref), value, path);

  if (value === null) return memberOf(schema, 'nullable') === true ? [] : [`${path} is null`];
  const [all] = listOf(memberOf(schema, 'allOf'));
  if (all !== undefined) return nonconformities(document, all, value, path);
  const choices = listOf(memberOf(schema, 'oneOf'));
  if (choices.length > 0) {
    return choices.some((choice) => nonconformities(document, choice, value, path).length === 0)
      ? []
      : [`${path} fits none of its schemas`];
  }
  const words = listOf(memberOf(schema, 'enum'));
  if (words.length > 0 && !words.includes(value)) return [`${path} is ${JSON.stringify(value)}, none of its words`];

  const type = memberOf(schema, 'type');
  if (type === 'array') {
    if (!Array.isArray(value)) return [`${path} is no array`];
    return value.flatMap((item, index) =>
      nonconformities(document, memberOf(schema, 'items'), item, `${path}[${index}]`),
    );
  }
  if (type === 'object') return objectNonconformities(document, schema, value, path);
  if (type === 'integer') return Number.isInteger(value) ? [] : [`${path} is no integer`];
  if (type === undefined) return [];
  return typeof value === type ? [] : [`${path} is ${typeof value}, not ${JSON.stringify(type)}`];
}

function objectNonconformities(document: unknown, schema: unknown, value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
  const properties = memberOf(schema, 'properties');
  const others = memberOf(schema, 'additionalProperties');
  const missing = listOf(memberOf(schema, 'required'))
    .filter((name) => typeof name === 'string' && !Object.hasOwn(value, name))
    .map((name) => `${path} lacks ${String(name)}`);
  const wrong = Object.entries(value).flatMap(([name, member]) => {
    const known = memberOf(properties, name);
    if (known !== undefined) return nonconformities(document, known, member, `${path}.${name}`);
    if (others === undefined) return [`${path} has the undocumented ${name}`];
    return others === true ? [] : nonconformities(document, others, member, `${path}.${name}`);
  });
  return [...missing, ...wrong];
}

/** `#/components/schemas/X`. */
function resolve(document: unknown, ref: string): unknown {
  const found = ref
    .slice(2)
    .split('/')
    .reduce((at: unknown, name) => memberOf(at, name), document);
  if (found === undefined) throw new Error(`expected ${ref} to be in the document`);
  return found;
}

export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
