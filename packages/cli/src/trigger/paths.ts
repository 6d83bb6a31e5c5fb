import { UsageError } from '../cli-error.js';

/** A place in a body, from its root. */
export type Path = readonly string[];

export interface Assignment {
  readonly path: Path;
  readonly value: unknown;
}

/** A JSON object or list that is being built. */
export type Body = Record<string, unknown>;

/**
 * `path=value`, the path from the event's root (`data.object.amount`) or, as Stripe's CLI writes it, from the object
 * (`charge:amount`, `charge:metadata[ip]`). A value that is JSON is taken as such, anything else as text.
 * @param resource name of the object in this event, such as `charge`
 */
export function parseAssignment(text: string, resource: string): Assignment {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`'${text}' is not path=value; write for example ${resource}:amount=5000.`);
  return { path: parsePath(text.slice(0, at), resource), value: parseValue(text.slice(at + 1)) };
}

/** `data.object.metadata.ip`, `charge:metadata.ip` or `charge:metadata[ip]`; a number in it is a place in a list. */
export function parsePath(text: string, resource: string): Path {
  const colon = text.indexOf(':');
  const named = colon === -1 ? undefined : text.slice(0, colon);
  if (named !== undefined && named !== resource) {
    throw new UsageError(`this event is about a ${resource}, not a ${named}; write ${resource}:… or data.object.…`);
  }
  const words = text
    .slice(colon + 1)
    .replaceAll(/\[([^\]]*)\]/g, '.$1')
    .split('.');
  if (words.some((word) => word === '' || word === '__proto__')) {
    throw new UsageError(`'${text}' is no path; write for example ${resource}:metadata.ip.`);
  }
  return named === undefined ? words : ['data', 'object', ...words];
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Sets the value at a path and makes what leads there. A text stays a text, and so does what is in `metadata`. */
export function override(body: Body, { path, value }: Assignment): void {
  const [parent, last] = parentOf(body, path);
  write(parent, last, asBefore(read(parent, last), value, path));
}

/** Sets the value where there is none; to a list it is appended. Throws USAGE when there is a value already. */
export function add(body: Body, { path, value }: Assignment): void {
  const [parent, last] = parentOf(body, path);
  const present = read(parent, last);
  if (Array.isArray(present)) present.push(value);
  else if (present === undefined || present === null) write(parent, last, asBefore(present, value, path));
  else throw new UsageError(`${path.join('.')} is there already; use --override.`);
}

/** Takes away what is at a path; from a list the item. Nothing there: nothing changes. */
export function remove(body: Body, path: Path): void {
  let parent: unknown = body;
  for (const word of path.slice(0, -1)) parent = isHolder(parent) ? read(parent, word) : undefined;
  const last = path.at(-1) ?? '';
  if (Array.isArray(parent)) {
    if (/^\d+$/.test(last)) parent.splice(Number(last), 1);
  } else if (isHolder(parent)) {
    Reflect.deleteProperty(parent, last);
  }
}

type Holder = Body | unknown[];

function parentOf(body: Body, path: Path): [Holder, string] {
  let holder: Holder = body;
  for (const [index, word] of path.slice(0, -1).entries()) {
    const next = read(holder, word);
    if (isHolder(next)) {
      holder = next;
    } else {
      const made: Holder = /^\d+$/.test(path[index + 1] ?? '') ? [] : {};
      write(holder, word, made);
      holder = made;
    }
  }
  return [holder, path.at(-1) ?? ''];
}

function read(holder: Holder, word: string): unknown {
  return Object.hasOwn(holder, word) ? (holder as Readonly<Record<string, unknown>>)[word] : undefined;
}

function write(holder: Holder, word: string, value: unknown): void {
  if (!Array.isArray(holder)) {
    holder[word] = value;
  } else if (/^\d{1,4}$/.test(word)) {
    holder[Number(word)] = value;
  } else {
    throw new UsageError(`'${word}' is no place in a list; write a number such as 0.`);
  }
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null;
}

/** Stripe's metadata holds texts only, and an id of digits is still a text. */
function asBefore(before: unknown, value: unknown, path: Path): unknown {
  const isText = typeof before === 'string' || path.includes('metadata');
  return isText && (typeof value === 'number' || typeof value === 'boolean') ? String(value) : value;
}
