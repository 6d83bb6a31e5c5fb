import type { Type } from '@nestjs/common';
import { services } from '@towpath/contracts/topics';
import { mayProduce, topicOf } from '@towpath/contracts/contract';
import { handlerEntries, type HandlerEntry } from './handles.js';
import { noUpcasters, type Upcasters } from '@towpath/event-store/upcast';
import type { BoundHandler } from './pipeline/item.js';
import { problemsOfPolicy } from './pipeline/retry.decider.js';

/** Thrown at start, with every problem at once: `HANDLERS_INVALID`. */
export class HandlersInvalid extends Error {
  readonly code = 'HANDLERS_INVALID';

  constructor(readonly problems: readonly string[]) {
    super(`HANDLERS_INVALID:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'HandlersInvalid';
  }
}

export interface HandlerTableOptions {
  readonly upcasters?: Upcasters;
  /** what the group reads; default: what the service's own group does */
  readonly topics?: readonly string[];
}

/**
 * A group's handlers by message type, older versions that read as it included. Refuses what would fail later, at the first message: two handlers of one
 * contract, a contract whose topic the group does not consume, a message it may not produce.
 */
export function handlerTable(
  service: string,
  classes: readonly Type[],
  instanceOf: (handler: Type) => unknown,
  { upcasters = noUpcasters, topics = topicsOf(service) }: HandlerTableOptions = {},
): Map<string, BoundHandler> {
  const problems: string[] = [];
  const table = new Map<string, BoundHandler>();
  for (const handler of classes) {
    const entries = handlerEntries(handler);
    if (entries.length === 0) problems.push(`${handler.name} has no @Handles; add it or take the class off the list`);
    const instance = instanceOf(handler) as BoundHandler['instance'];
    for (const entry of entries) {
      problems.push(...problemsOf({ service, topics }, entry, table.get(entry.contract.type)));
      table.set(entry.contract.type, { ...entry, instance });
    }
  }
  if (problems.length > 0) throw new HandlersInvalid(problems);
  for (const [type, bound] of [...table]) {
    for (const older of upcasters.olderTypes(type)) if (!table.has(older)) table.set(older, bound);
  }
  return table;
}

function topicsOf(service: string): readonly string[] {
  return services().find(({ name }) => name === service)?.consumers[0]?.topics ?? [];
}

function problemsOf(
  { service, topics }: { readonly service: string; readonly topics: readonly string[] },
  entry: HandlerEntry,
  other: HandlerEntry | undefined,
): string[] {
  const { name, contract, emits } = entry;
  const problems = problemsOfLimits(entry);
  if (other) problems.push(`${name} and ${other.name} both handle ${contract.type}; keep one`);
  if (contract.kind !== 'internal' && !topics.includes(topicOf(contract, service))) {
    problems.push(
      `${name} handles ${contract.type}, but services.yaml does not let ${service} consume ${contract.topic}`,
    );
  }
  for (const emitted of emits) {
    const { producers, type } = emitted;
    if (!mayProduce(emitted, service))
      problems.push(`${name} emits ${type}, whose producers are ${producers.join(', ')}`);
  }
  return problems;
}

function problemsOfLimits({ name, retry, queued }: HandlerEntry): string[] {
  const problems = problemsOfPolicy(retry).map((problem) => `${name}: ${problem}`);
  if (queued && !isWithin(queued.concurrency, CONCURRENCY_MAX)) {
    problems.push(`${name}: concurrency is ${queued.concurrency}, not 1 to ${CONCURRENCY_MAX}`);
  }
  if (queued && !isWithin(queued.timeoutMs, TIMEOUT_MS_MAX)) {
    problems.push(`${name}: timeoutMs is ${queued.timeoutMs}, not 1 to ${TIMEOUT_MS_MAX} (a day)`);
  }
  return problems;
}

const CONCURRENCY_MAX = 256;
const TIMEOUT_MS_MAX = 86_400_000;

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}
