import canonicalize from 'canonicalize';

/**
 * RFC 8785 text of a value: members by the UTF-16 code units of their names, numbers and strings as ECMAScript writes them. Like
 * JSON, it leaves out members that are undefined. Throws for what has no such text: infinities, NaN and half surrogate pairs.
 */
export function canonicalJson(value: unknown): string {
  return textOf(value) ?? 'null';
}

/** Undefined for what JSON leaves out. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'bigint') throw new TypeError('a bigint is no JSON number');
  if (typeof value !== 'object') return undefined;
  if (value === null) return 'null';
  if (Array.isArray(value)) return itemsOf(value);
  return 'toJSON' in value ? canonicalize(value) : membersOf(value as Readonly<Record<string, unknown>>);
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  throw new TypeError(`${value} is no JSON number`);
}

function itemsOf(items: readonly unknown[]): string {
  let text = '[';
  for (let index = 0; index < items.length; index++) text += (index === 0 ? '' : ',') + canonicalJson(items[index]);
  return text + ']';
}

function membersOf(object: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const name of namesOf(object)) {
    const value = textOf(object[name]);
    if (value !== undefined) text += (text === '' ? '{' : ',') + nameText(name) + value;
  }
  return text === '' ? '{}' : text + '}';
}

/** Most objects come from code that writes them one way, so a look whether they are in order is cheaper than the sort. */
function namesOf(object: object): string[] {
  const names = Object.keys(object);
  for (let index = 1; index < names.length; index++) {
    // The default order is by UTF-16 code units, which is the RFC's.
    if (names[index]! < names[index - 1]!) return names.sort();
  }
  return names;
}

/** Names are mostly those of contracts, over and over. Bounded in number and length: some are users'. */
const nameTexts = new Map<string, string>();
const NAME_TEXTS_MAX = 2_000;
const NAME_CHARACTERS_MAX = 40;

function nameText(name: string): string {
  const known = nameTexts.get(name);
  if (known !== undefined) return known;
  const text = `${quoted(name)}:`;
  if (name.length > NAME_CHARACTERS_MAX) return text;
  if (nameTexts.size >= NAME_TEXTS_MAX) nameTexts.clear();
  nameTexts.set(name, text);
  return text;
}

/** ASCII without what JSON escapes. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** For longer ones the native way is as fast. */
const PLAIN_CHARACTERS_MAX = 200;

function quoted(text: string): string {
  if (text.length <= PLAIN_CHARACTERS_MAX && PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('half a surrogate pair is no text');
  return JSON.stringify(text);
}
