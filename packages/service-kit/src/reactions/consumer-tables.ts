import type { Type } from '@nestjs/common';
import type { ConsumerSettings } from '@towpath/contracts/topics';
import { noUpcasters } from '@towpath/event-store/upcast';
import { DiscardDeadLetterOfThisService } from '../dead-letters/discard-dead-letter.handler.js';
import { LetterOwner } from '../dead-letters/letter-owner.js';
import { RedriveDeadLetterOfThisService } from '../dead-letters/redrive-dead-letter.handler.js';
import { HandlersInvalid, handlerTable } from '../handler-table.js';
import { handlerEntries } from '../handles.js';
import type { BoundHandler } from '../pipeline/item.js';
import type { Reaction } from './reaction.js';

/** A consumer group with what it handles. */
export interface ConsumerTable extends ConsumerSettings {
  readonly handlers: ReadonlyMap<string, BoundHandler>;
  /** which dead letters are its own */
  readonly letters: LetterOwner;
}

/** What a service declares of its consumer groups, and what services.yaml does. */
export interface DeclaredConsumers {
  /** of the service */
  readonly name: string;
  /** as services.yaml has them */
  readonly consumers: readonly ConsumerSettings[];
  /** of the service's own group */
  readonly handlers: readonly Type[];
  readonly reactions: readonly Reaction[];
}

/** What a reaction has of the kit's own handlers: its dead letters are redriven and discarded where its messages are decided. */
const OF_EACH_REACTION = [RedriveDeadLetterOfThisService, DiscardDeadLetterOfThisService] as const;

/**
 * The handlers of each consumer group of a service, its own first. Throws HANDLERS_INVALID with every problem: those of each table, a
 * reaction that services.yaml doesn't name or the service doesn't have, a handler in two groups, a timer that two groups wait for.
 */
export function consumerTables(
  declared: DeclaredConsumers,
  instanceOf: (handler: Type) => unknown,
  upcasters = noUpcasters,
): readonly ConsumerTable[] {
  const { name, handlers, reactions, consumers } = declared;
  const problems = problemsOf(declared);
  if (problems.length > 0) throw new HandlersInvalid(problems);
  return consumers.map((consumer): ConsumerTable => {
    const letters = letterOwner(consumer, declared);
    if (consumer.reaction === undefined) {
      return { ...consumer, letters, handlers: handlerTable(name, handlers, instanceOf, { upcasters, ...consumer }) };
    }
    const { handlers: own } = reactions.find((one) => one.name === consumer.reaction)!;
    const instances = new Map<Type, unknown>(OF_EACH_REACTION.map((one) => [one, new one(letters)]));
    const table = handlerTable(name, [...own, ...instances.keys()], (one) => instances.get(one) ?? instanceOf(one), {
      upcasters,
      ...consumer,
    });
    return { ...consumer, letters, handlers: table };
  });
}

/** Which dead letters a group decides about: those of its handlers; the service's own group also those of handlers that are gone. */
export function letterOwner(
  { reaction }: Pick<ConsumerSettings, 'reaction'>,
  { name, reactions }: Pick<DeclaredConsumers, 'name' | 'reactions'>,
): LetterOwner {
  const namesOf = (some: readonly Reaction[]) => new Set(some.flatMap((one) => one.handlers.flatMap(handlerNames)));
  if (reaction === undefined) {
    const others = namesOf(reactions);
    return new LetterOwner(name, true, (handler) => !others.has(handler));
  }
  const own = namesOf(reactions.filter((one) => one.name === reaction));
  return new LetterOwner(name, false, (handler) => own.has(handler));
}

function problemsOf({ name, handlers, reactions, consumers }: DeclaredConsumers): string[] {
  const named = new Set(consumers.flatMap(({ reaction }) => reaction ?? []));
  const declared = new Set(reactions.map((one) => one.name));
  const groups = [{ name, handlers }, ...reactions];
  const places = groups.flatMap((group) => group.handlers.flatMap(handlerNames).map((handler) => ({ handler, group })));
  const timers = groups.flatMap((group) =>
    group.handlers
      .flatMap(handlerEntries)
      .flatMap(({ contract }) => (contract.kind === 'internal' ? [{ handler: contract.type, group }] : [])),
  );
  return [
    ...[...declared]
      .filter((one) => !named.has(one))
      .map((one) => `reaction ${one} is not in services.yaml; add it to ${name}`),
    ...[...named]
      .filter((one) => !declared.has(one))
      .map((one) => `services.yaml gives ${name} a reaction ${one}; declare it`),
    ...inTwo(places).map(
      (one) => `${one} is in two reactions; what it decides would have the same ids: make it two classes`,
    ),
    ...inTwo(timers).map((one) => `${one} is handled in two reactions; a timer fires once: keep one`),
  ];
}

function inTwo(places: readonly { readonly handler: string; readonly group: object }[]): string[] {
  const first = new Map<string, object>();
  const twice = new Set<string>();
  for (const { handler, group } of places) {
    if ((first.get(handler) ?? group) !== group) twice.add(handler);
    else first.set(handler, group);
  }
  return [...twice];
}

function handlerNames(handler: Type): string[] {
  return [...new Set(handlerEntries(handler).map(({ name }) => name))];
}
