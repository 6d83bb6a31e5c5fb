import type { Type } from '@nestjs/common';
import { services } from '@towpath/contracts/topics';
import { topicOf } from '@towpath/contracts/contract';
import { handlerEntries, type HandlerEntry } from './handles.js';
import type { BoundHandler } from './pipeline/item.js';

/** Thrown at start, with every problem at once: `HANDLERS_INVALID`. */
export class HandlersInvalid extends Error {
  readonly code = 'HANDLERS_INVALID';

  constructor(readonly problems: readonly string[]) {
    super(`HANDLERS_INVALID:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'HandlersInvalid';
  }
}

/**
 * The service's handlers by message type. Refuses what would fail later, at the first message: two handlers of one
 * contract, a contract whose topic the service does not consume, a message it may not produce.
 */
export function handlerTable(
  service: string,
  classes: readonly Type[],
  instanceOf: (handler: Type) => unknown,
): Map<string, BoundHandler> {
  const problems: string[] = [];
  const table = new Map<string, BoundHandler>();
  for (const handler of classes) {
    const entries = handlerEntries(handler);
    if (entries.length === 0) problems.push(`${handler.name} has no @Handles; add it or take the class off the list`);
    const instance = instanceOf(handler) as BoundHandler['instance'];
    for (const entry of entries) {
      problems.push(...problemsOf(service, entry, table.get(entry.contract.type)));
      table.set(entry.contract.type, { ...entry, instance });
    }
  }
  if (problems.length > 0) throw new HandlersInvalid(problems);
  return table;
}

function problemsOf(service: string, entry: HandlerEntry, other: HandlerEntry | undefined): string[] {
  const { name, contract, emits } = entry;
  const problems: string[] = [];
  if (other) problems.push(`${name} and ${other.name} both handle ${contract.type}; keep one`);
  const consumes = services().find((settings) => settings.name === service)?.consumes ?? [];
  if (contract.kind !== 'internal' && !consumes.includes(topicOf(contract, service))) {
    problems.push(
      `${name} handles ${contract.type}, but services.yaml does not let ${service} consume ${contract.topic}`,
    );
  }
  for (const { kind, producers, type } of emits) {
    const may = kind === 'platform' || producers.includes(service);
    if (!may) problems.push(`${name} emits ${type}, whose producers are ${producers.join(', ')}`);
  }
  return problems;
}
