import { createHash } from 'node:crypto';
import { canonicalJson } from '@towpath/event-store/canonical-json';
import { MASK } from '../reveal/mask.js';
import { dataOf, hashesIn } from './evidence.js';

/**
 * What became of a hash. `matches`: the text beside it has it · `differs`: it has another · `sealed`: personal data, not shown without
 * `--reveal` · `erased`: the person's key is destroyed · `elsewhere`: the text stands in the event that this one names
 */
export type HashState = 'matches' | 'differs' | 'sealed' | 'erased' | 'elsewhere';

export interface HashCheck {
  /** name of the field that was hashed */
  readonly field: string;
  readonly hash: string;
  readonly state: HashState;
}

const ERASED = 'erased';
/** Step records hash the canonical JSON of what a step was given, and keep the text as it came. */
const CANONICAL = new Set(['input']);

/**
 * Holds every hash of an event against the text beside it: `prompt` and `promptHash`, and the like. A run about nobody keeps its texts
 * in fields called `plainInput` and so on.
 * @param shown the event's data as it may be shown, personal data readable or masked
 */
export function checkHashes(shown: unknown): HashCheck[] {
  const data = dataOf(shown);
  return Object.entries(hashesIn(data)).map(([field, hash]) => {
    const plain = `plain${field.charAt(0).toUpperCase()}${field.slice(1)}`;
    const text = data[field] ?? data[plain];
    return { field, hash, state: stateOf(text, hash, CANONICAL.has(field)) };
  });
}

function stateOf(text: unknown, hash: string, isCanonical: boolean): HashState {
  if (text === undefined || text === null) return 'elsewhere';
  if (text === MASK) return 'sealed';
  if (text === ERASED) return 'erased';
  if (typeof text !== 'string') return 'elsewhere';
  return hashOf(isCanonical ? canonical(text) : text) === hash ? 'matches' : 'differs';
}

function canonical(text: string): string {
  try {
    return canonicalJson(JSON.parse(text));
  } catch {
    return text;
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
