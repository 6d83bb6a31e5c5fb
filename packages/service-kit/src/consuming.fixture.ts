import { randomBytes } from 'node:crypto';
import type { Type } from '@nestjs/common';
import { all } from '@towpath/contracts/catalogue';
import { encode } from '@towpath/contracts/codec';
import { keyOf, type Contract, type DataOf } from '@towpath/contracts/contract';
import { createSpecDatabase, type SpecDatabase } from '@towpath/event-store/spec-database';
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import type { EventStore, Metadata } from '@towpath/event-store/types';
import type { Aggregate } from '@towpath/event-store/fold';
import { openVault } from '@towpath/event-store/vault';
import { buildHeaders } from '@towpath/kafka/headers';
import type { OutboundRecord } from '@towpath/kafka/record';
import { brokers, registryUrl, uniqueTopic } from '@towpath/kafka/testing/broker-fixture';
import { frame } from '@towpath/kafka/wire';
import { pino } from 'pino';
import { builtInHandlers } from './built-in-handlers.js';
import { Consuming } from './consuming.js';
import { foldsOf } from './folds.js';
import { handlerEntries } from './handles.js';
import type { Logger } from './logger.js';
import { Metrics } from './metrics.js';
import type { BoundHandler } from './pipeline/item.js';
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
  readonly aggregates?: readonly Aggregate<unknown>[];
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
  start(): Promise<SpecReplica>;
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
  return {
    ...{ name, schema, topic, store, database, lines, fatal, place },
    async start() {
      const replica = await startReplica(place, parts, logger, (error) => fatal.push(error));
      replicas.push(replica);
      return replica;
    },
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
  { handlers, aggregates = [] }: SpecParts,
  logger: Logger,
  onFatal: (error: Error) => void,
): Promise<SpecReplica> {
  const [store, vault] = [openStore({ url, schema }), await openVault({ url })];
  const metrics = new Metrics(name);
  const consuming = new Consuming({
    ...{ store, vault, metrics, logger, onFatal, service: name, topics: [topic], folds: foldsOf({ aggregates }) },
    ...{
      brokers: brokers(),
      registryUrl: registryUrl(),
      readiness: new Readiness(),
      handlers: tableOf(name, handlers),
    },
  });
  await consuming.start();
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

function tableOf(service: string, classes: readonly Type[]): Map<string, BoundHandler> {
  const bound = [...classes, ...builtInHandlers].flatMap((handler) =>
    handlerEntries(handler).map((entry) => {
      return { ...entry, instance: new handler(service) as BoundHandler['instance'] };
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
