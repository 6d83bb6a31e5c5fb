import type { Type } from '@nestjs/common';
import { services } from '@towpath/contracts/topics';
import { topicOf } from '@towpath/contracts/contract';
import { handlerEntries, type Handler } from './handles.js';
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
  const consumes = services().find(({ name }) => name === service)?.consumes ?? [];
  for (const handler of classes) {
    const entries = handlerEntries(handler);
    if (entries.length === 0) problems.push(`${handler.name} has no @Handles; add it or take the class off the list`);
    for (const entry of entries) {
      const { contract, emits } = entry;
      const other = table.get(contract.type);
      if (other) problems.push(`${handler.name} and ${other.name} both handle ${contract.type}; keep one`);
      if (contract.kind !== 'internal' && !consumes.includes(topicOf(contract, service))) {
        problems.push(
          `${handler.name} handles ${contract.type}, but services.yaml does not let ${service} consume ${contract.topic}`,
        );
      }
      for (const { kind, producers, type } of emits) {
        const may = kind === 'platform' || producers.includes(service);
        if (!may) problems.push(`${handler.name} emits ${type}, whose producers are ${producers.join(', ')}`);
      }
      table.set(contract.type, {
        ...entry,
        instance: instanceOf(handler) as Handler<never> as BoundHandler['instance'],
      });
    }
  }
  if (problems.length > 0) throw new HandlersInvalid(problems);
  return table;
}
