import { definitionOf } from './definition-of.mjs';
import { storyOf } from './stories.mjs';

/** For an instance to get to its boundary, or to its end after it. */
const CASE_MS_MAX = 240_000;
const TRIES_MAX = 8;
/** Whoever ended without its fault so long after its beginning does not meet it any more. */
const MISSED_MS = 8_000;

/** A case on the real stack: one saga, whose key is a part of no other's, for logs are searched for it. */
export function instanceOf(one, { seed, index }) {
  return withKey(one, `m${seed.toString(36)}x${index.toString(36).padStart(3, '0')}z-0`, []);
}

function withKey(one, text, tries) {
  const story = storyOf(one.definition);
  return {
    ...{ one, story, tries, text, key: `${story.prefix ?? ''}${text}`, definition: definitionOf(one.definition) },
    ...{ hit: false, prepared: false, startedAt: undefined, sent: new Set(), timedOut: new Set(), answers: new Map() },
  };
}

/** The same case with another instance; what became of this one counts, too. */
export function nextTry({ one, key, text, end, tries }) {
  const earlier = [...tries, { key, end }];
  return withKey(one, `${text.split('-')[0]}-${earlier.length}`, earlier);
}

/** It met its fault and ended, or never will. */
export function isOver({ end, hit, failed, startedAt }) {
  if (failed !== undefined) return true;
  if (startedAt === undefined) return false;
  const age = performance.now() - startedAt;
  return (end !== undefined && (hit || age > MISSED_MS)) || age > CASE_MS_MAX;
}

/** A blow that fell while the process was down already, or a message that was decided faster than it was seen. */
export function isMissed({ one, hit, failed, end, tries }) {
  return one.fault !== 'delay' && !hit && failed === undefined && end !== undefined && tries.length < TRIES_MAX - 1;
}

/** Makes what has to be there before it can begin. */
export async function prepare(stack, instance) {
  if (instance.prepared) return;
  instance.prepared = true;
  try {
    await instance.story.before?.(stack, instance.key);
  } catch (error) {
    instance.failed = `it could not be prepared: ${error.message}`;
  }
}

export async function begin(stack, instance) {
  const { story, key, one } = instance;
  instance.startedAt = performance.now();
  try {
    await prepare(stack, instance);
    if (instance.failed === undefined) await story.begin(stack, key, one.scenario);
  } catch (error) {
    instance.failed = `it could not begin: ${error.message}`;
  }
}
