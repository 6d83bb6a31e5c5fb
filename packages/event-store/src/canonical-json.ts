import canonicalize from 'canonicalize';

/**
 * RFC 8785 text of a value. JSON.stringify writes strings and numbers as the RFC asks, and is native; what it does not do
 * is order the members, so they are ordered before. Throws for what has no such text: infinities, NaN and half
 * surrogate pairs.
 */
export function canonicalJson(value: unknown): string {
  const ordered = order(value);
  return (ordered === UNORDERABLE ? canonicalize(value) : JSON.stringify(ordered)) ?? 'null';
}

/** An object puts names that look like array indexes first, whatever order they are set in; those go to the library. */
const UNORDERABLE = Symbol('UNORDERABLE');

function order(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is no JSON number`);
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? orderItems(value) : orderMembers(value as Readonly<Record<string, unknown>>);
}

function orderItems(items: readonly unknown[]): unknown {
  const ordered = items.map(order);
  return ordered.includes(UNORDERABLE) ? UNORDERABLE : ordered;
}

function orderMembers(object: Readonly<Record<string, unknown>>): unknown {
  if ('toJSON' in object) return UNORDERABLE;
  const ordered: Record<string, unknown> = {};
  // The default order is by UTF-16 code units, which is the RFC's.
  for (const name of Object.keys(object).sort()) {
    const first = name.charCodeAt(0);
    if ((first >= 48 && first <= 57) || name === '__proto__') return UNORDERABLE;
    const value = order(object[name]);
    if (value === UNORDERABLE) return UNORDERABLE;
    ordered[wellFormed(name)] = value;
  }
  return ordered;
}

function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  throw new TypeError('half a surrogate pair is no text');
}
