import { isUtf8 } from 'node:buffer';
import type { Refusal } from './refusal.js';

export const BODY_BYTES_MAX = 256 * 1024;
export const JSON_DEPTH_MAX = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The JSON object that the bytes are, or why they are refused. Call it with verified bytes only. */
export function parseBody(body: Buffer): { json: Record<string, unknown> } | { refusal: Refusal } {
  if (!isUtf8(body)) return invalid('The body is not valid UTF-8; send JSON in UTF-8.');
  if (isDeeperThan(JSON_DEPTH_MAX, body))
    return invalid(`The body nests deeper than ${JSON_DEPTH_MAX}; send flatter JSON.`);
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    // The parser's own message quotes the body.
    return invalid('The body is not valid JSON; send one JSON object.');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return invalid('The body is not a JSON object; send one.');
  return { json: json as Record<string, unknown> };
}

function invalid(detail: string): { refusal: Refusal } {
  return { refusal: { code: 'BODY_INVALID', detail } };
}

/** Looks at brackets outside of strings; malformed JSON may give either answer and fails in the parser. */
function isDeeperThan(limit: number, body: Buffer): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index] as number;
    if (inString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if ((byte & 0xdf) === 0x5b) {
      // "[" is 5b and "{" is 7b; closing ones are 5d and 7d.
      depth++;
      if (depth > limit) return true;
    } else if ((byte & 0xdf) === 0x5d) {
      depth--;
    }
  }
  return false;
}
