import { randomBytes } from 'node:crypto';
import type { Type } from '@nestjs/common';
import { all } from '@towpath/contracts/catalogue';
import { encode } from '@towpath/contracts/codec';
import { keyOf, type Contract, type DataOf } from '@towpath/contracts/contract';
import type { ConsumerSettings } from '@towpath/contracts/topics';
import { createSpecDatabase, type SpecDatabase } from '@towpath/event-store/spec-database';
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import type { EventStore, Metadata } from '@towpath/event-store/types';
import type { Aggregate } from '@towpath/event-store/fold';
import type { Projection } from '@towpath/event-store/projection';
import { openVault } from '@towpath/event-store/vault';
import { buildHeaders } from '@towpath/kafka/headers';
import type { OutboundRecord } from '@towpath/kafka/record';
import { brokers, registryUrl, uniqueTopic } from '@towpath/kafka/testing/broker-fixture';
import { frame } from '@towpath/kafka/wire';
import { pino } from 'pino';
import { builtInHandlers } from './built-in-handlers.js';
import { Consuming } from './consuming.js';
import { DiscardDeadLetterOfThisService } from './dead-letters/discard-dead-letter.handler.js';
import type { LetterOwner } from './dead-letters/letter-owner.js';
import { RedriveDeadLetterOfThisService } from './dead-letters/redrive-dead-letter.handler.js';
import { foldsOf } from './folds.js';
import { handlerEntries } from './handles.js';
import type { Logger } from './logger.js';
import { Metrics } from './metrics.js';
import type { BoundHandler } from './pipeline/item.js';
import { letterOwner, type ConsumerTable } from './reactions/consumer-tables.js';
import type { Reaction } from './reactions/reaction.js';
import { Readiness } from './readiness.js';

/** A line of a service's log. */
export interface Line {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** Where a replica of a spec's service finds what it needs. */
export interface SpecPlace {
  readonly name: string;
  readonly schema: string;
  readonly topic: string;
  readonly url: string;
}

/** What a spec's service consists of. */
export interface SpecParts {
  readonly handlers: readonly Type[];
  readonly reactions?: readonly Reaction[];
  readonly aggregates?: readonly Aggregate<unknown>[];
  readonly projections?: readonly Projection<unknown>[];
}

export interface SpecReplica {
  readonly metrics: Metrics;
  /** as SIGTERM stops it; may be called again */
  stop(): Promise<void>;
}

/** A service of a spec's own on the real broker and Postgres: its schema, its topic, the given handlers and the kit's. */
export interface SpecService {
  readonly name: string;
  /** of its store: roles belong to the cluster */
  readonly schema: string;
  readonly topic: string;
  readonly store: EventStore;
  readonly database: SpecDatabase;
  readonly lines: Line[];
  readonly fatal: Error[];
  /** for replicas in processes of their own */
  readonly place: SpecPlace;
  /** @param runs names of the consumer groups that it runs; default: all */
  start(runs?: readonly string[]): Promise<SpecReplica>;
  /** a replica of its next version */
  startWith(parts: SpecParts): Promise<SpecReplica>;
  /** a record of its topic, as its producer would send it */
  record<C extends Contract>(contract: C, id: string, data: DataOf<C>): OutboundRecord;
  /** what it appended, in order */
  events(): Promise<{ type: string; data: Readonly<Record<string, unknown>>; metadata: Metadata }[]>;
  /** stops the replicas of this process, too */
  close(): Promise<void>;
}

/** @param name of a real service, for what services.yaml says of it; one that no other spec file takes */
export async function createSpecService(name: string, parts: SpecParts): Promise<SpecService> {
  const schema = `s${randomBytes(4).toString('hex')}`;
  const topic = await uniqueTopic(3);
  const database = await createSpecDatabase();
  await setUp(database, schema);
  const url = database.urlOf(`${schema}_service`);
  const place = { name, schema, topic, url };
  const store = openStore({ url, schema });
  const lines: Line[] = [];
  const fatal: Error[] = [];
  const replicas: SpecReplica[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
  const startWith = async (version: SpecParts & { readonly runs?: readonly string[] }): Promise<SpecReplica> => {
    const replica = await startReplica(place, version, logger, (error) => fatal.push(error));
    replicas.push(replica);
    return replica;
  };
  return {
    ...{ name, schema, topic, store, database, lines, fatal, place },
    start: (runs) => startWith({ ...parts, ...(runs && { runs }) }),
    startWith,
    record: (contract, id, data) => recordOf(topic, contract, id, data),
    events: () => store.query('spec_events', `select type, data, metadata from ${schema}.events order by position`, []),
    async close() {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await close(store, database);
    },
  };
}

/** A replica of a spec's service in this process. */
export async function startReplica(
  { name, schema, topic, url }: SpecPlace,
  parts: SpecParts & { readonly runs?: readonly string[] },
  logger: Logger,
  onFatal: (error: Error) => void,
): Promise<SpecReplica> {
  const { handlers, reactions = [], aggregates = [], projections = [], runs } = parts;
  const [store, vault] = [openStore({ url, schema }), await openVault({ url })];
  const metrics = new Metrics(name);
  const tables = tablesOf({ name, topic, handlers, reactions });
  const consuming = new Consuming({
    ...{ store, vault, metrics, logger, onFatal, service: name, runs },
    ...{ folds: foldsOf({ aggregates, projections }) },
    ...{ consumers: tables, brokers: brokers(), registryUrl: registryUrl(), readiness: new Readiness() },
  });
  await consuming.start(tables);
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await consuming.stop();
    await store.close();
    await vault.close();
  };
  return { metrics, stop: () => (stopped ??= stop()) };
}

async function setUp(database: SpecDatabase, schema: string): Promise<void> {
  const contracts = all().map((contract) => ({ ...contract, producers: contract.kind === 'platform' ? [] : [schema] }));
  const passwords = { [`${schema}_service`]: 'spec' };
  const schemas = contracts.map(({ type, topic }) => {
    return { type, subject: `${topic}-${type}`, schemaId: schemaIdOf(type), topicTemplate: topic };
  });
  await setupDatabase({ adminUrl: database.adminUrl, services: [schema], contracts, passwords, schemas, slot: null });
}

interface SpecGroups {
  readonly name: string;
  readonly topic: string;
  readonly handlers: readonly Type[];
  readonly reactions: readonly Reaction[];
}

/** The groups of a spec's service, which all read its one topic. */
function tablesOf({ name, topic, handlers, reactions }: SpecGroups): ConsumerTable[] {
  const own: ConsumerSettings = { name, topics: [topic] };
  const others = reactions.map(({ name: reaction }) => ({ name: `${name}.${reaction}`, reaction, topics: [topic] }));
  return [own, ...others].map((consumer) => {
    const letters = letterOwner(consumer, { name, reactions });
    const reaction = reactions.find((one) => consumer.name === `${name}.${one.name}`);
    const classes = reaction
      ? [...reaction.handlers, RedriveDeadLetterOfThisService, DiscardDeadLetterOfThisService]
      : [...handlers, ...builtInHandlers];
    return { ...consumer, letters, handlers: tableOf(name, letters, classes) };
  });
}

function tableOf(service: string, letters: LetterOwner, classes: readonly Type[]): Map<string, BoundHandler> {
  const ofLetters: readonly Type[] = [RedriveDeadLetterOfThisService, DiscardDeadLetterOfThisService];
  const bound = classes.flatMap((handler) =>
    handlerEntries(handler).map((entry) => {
      const instance = new handler(ofLetters.includes(handler) ? letters : service) as BoundHandler['instance'];
      return { ...entry, instance };
    }),
  );
  return new Map(bound.map((entry) => [entry.contract.type, entry]));
}

/** Any number, the same in writer and reader. */
function schemaIdOf(type: string): number {
  return 1 + all().findIndex((contract) => contract.type === type);
}

function recordOf<C extends Contract>(topic: string, contract: C, id: string, data: DataOf<C>): OutboundRecord {
  const subject = keyOf(contract, data);
  const story = { correlationId: `story-${id}`, causationId: id, hops: 1, path: [] };
  const headers = buildHeaders({
    ...{ id, subject, source: '/services/spec', type: contract.type, time: new Date(), ...story },
  });
  return { topic, key: subject, value: frame(schemaIdOf(contract.type), encode(contract, data)), headers };
}

async function close(store: EventStore, database: SpecDatabase): Promise<void> {
  await store.close();
  await database.drop();
}
