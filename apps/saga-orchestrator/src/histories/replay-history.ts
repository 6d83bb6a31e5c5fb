import { contractOf } from '@towpath/contracts/catalogue';
import { streamOf } from '@towpath/contracts/contract';
import { canonicalJson } from '@towpath/event-store/canonical-json';
import {
  differences,
  subjectsIn,
  type Comparable,
  type Difference,
} from '@towpath/service-kit/replay/compare-decisions';
import type { Registry } from '../registry.js';
import { decideAgain, standingOf, stateAfterAll } from './decide-again.js';
import type { DecidedMessage, Decision, History } from './history.js';

/** Where what a stored history says and what is decided now differ first. */
export interface HistoryDifference {
  readonly history: string;
  /** id of the message; null for the state that its events lead to */
  readonly heard: string | null;
  readonly differences: readonly Difference[];
}

/** Decides every message of a stored history again, each after the events that were there then. Undefined when all is the same. */
export function replayed(registry: Registry, { name, decisions, standing }: History): HistoryDifference | undefined {
  for (const [place, decision] of decisions.entries()) {
    const found = differencesOf(registry, decisions.slice(0, place), decision);
    if (found.length > 0) return { history: name, heard: decision.heard.id, differences: found };
  }
  const [was, is] = [standing, standingOf(stateAfterAll(decisions))].map((one) => canonicalJson(one));
  if (was === is) return undefined;
  return { history: name, heard: null, differences: [{ place: 'standing', recorded: was!, replayed: is! }] };
}

function differencesOf(registry: Registry, before: readonly Decision[], decision: Decision): Difference[] {
  try {
    const [was, is] = [decision.decided, decideAgain(registry, before, decision)].map(comparable);
    // Nothing in a stored history is encrypted: no key is needed.
    const keys = new Map(subjectsIn([...was!, ...is!]).map((subject) => [subject, null]));
    return differences(was!, is!, keys);
  } catch (error) {
    const [recorded, now] = [`${decision.decided.length} messages`, String(error)];
    return [{ place: decision.heard.type, recorded, replayed: now }];
  }
}

/** Told apart by their ids, or by which of their type they are. */
function comparable(messages: readonly DecidedMessage[]): Comparable[] {
  const counts = new Map<string, number>();
  return messages.map(({ id, type, data, dueAt }) => {
    const count = (counts.get(type) ?? 0) + 1;
    counts.set(type, count);
    const stream = streamOf(contractOf(type), data);
    return { id: id ?? `${type} ${count}`, type, stream, data: { ...(data as object), ...(dueAt && { dueAt }) } };
  });
}

/** What to do about a definition that does something else than it did. */
export function adviceFor(name: string, version: number, { history, heard, differences }: HistoryDifference): string {
  const where = heard === null ? 'its events lead to another state' : `it decides otherwise about ${heard}`;
  const [first] = differences;
  return [
    `SAGA_VERSION_CHANGED: ${name} ${version}, '${history}': ${where}; ${first!.place} was ${first!.recorded} and is ${first!.replayed}.`,
    `Instances that run began with version ${version} and have to go on as they began. Leave it as it was, and put what is new into a`,
    `version of its own: a second file with \`saga('${name}', { version: ${version + 1}, … })\`, listed beside it in definitions/all.ts;`,
    `then \`npm run build && npm run generate\` records its histories. See docs/how-to/sagas.md, "Change one".`,
  ].join('\n');
}
