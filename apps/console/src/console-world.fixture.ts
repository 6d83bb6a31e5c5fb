import 'reflect-metadata';
import { randomBytes, randomUUID, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { all } from '@towpath/contracts/catalogue';
import { keyOf, type Contract, type DataOf } from '@towpath/contracts/contract';
import { serviceOf } from '@towpath/contracts/topics';
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import { createSpecDatabase, type SpecDatabase } from '@towpath/event-store/spec-database';
import type { EventStore } from '@towpath/event-store/types';
import { openVault, type Vault } from '@towpath/event-store/vault';
import { Consuming } from '@towpath/service-kit/consuming';
import { Decisions } from '@towpath/service-kit/decisions';
import { foldsOf } from '@towpath/service-kit/folds';
import { createLogger, LOGGER } from '@towpath/service-kit/logger';
import { Metrics } from '@towpath/service-kit/metrics';
import type { BoundHandler } from '@towpath/service-kit/pipeline/item';
import { CONFIG, EVENT_STORE, VAULT } from '@towpath/service-kit/platform';
import { consumerTables } from '@towpath/service-kit/reactions/consumer-tables';
import { Readiness } from '@towpath/service-kit/readiness';
import { SERVICE_NAME } from '@towpath/service-kit/service';
import { publicKeyOf } from '@towpath/sources/keys';
import type { TokenRole } from '@towpath/sources/token';
import { addToken, listTokens } from '@towpath/sources/tokens';
import Fastify, { type FastifyInstance } from 'fastify';
import { consoleConfig } from './config.js';
import { ConsoleModule, handlers } from './console.module.js';
import { OpenApi } from './http/open-api.js';
import { openCases } from './open-cases.projection.js';
import { reviewCases } from './review-case.js';

/** It reads no topic: messages are handed to its queue. */
const OWN_GROUP = { name: 'console', topics: [] } as const;

/** What a person's request was answered with. */
export interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly body: Record<string, unknown>;
}

/** A command that reached ingress, and whose key signed it. */
export interface Signed {
  readonly person: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/**
 * The console as it runs, on a database of its own: its routes, its handlers, its timers. Messages of other services are handed to its
 * queue; ingress is a server that keeps what it gets, after it checked the signature.
 */
export class ConsoleWorld {
  readonly delivered: Signed[] = [];

  private constructor(
    private readonly parts: {
      readonly home: string;
      readonly database: SpecDatabase;
      readonly store: EventStore;
      readonly vault: Vault;
      readonly consuming: Consuming;
      readonly handlers: ReadonlyMap<string, BoundHandler>;
      readonly app: NestFastifyApplication;
      readonly ingress: FastifyInstance;
      readonly mailbox: Mailbox;
    },
  ) {
    parts.mailbox.taken = (headers, body) => this.delivered.push(this.signed(headers, body));
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<ConsoleWorld> {
    const home = mkdtempSync(join(tmpdir(), 'console-'));
    const mailbox: Mailbox = { taken: () => undefined };
    const ingress = ingressWith(mailbox);
    const ingressUrl = await ingress.listen({ port: 0, host: '127.0.0.1' });
    const { database, store, vault } = await ownDatabase();
    const { logger } = createLogger('console', 'error');
    const metrics = new Metrics('console');
    const consuming = new Consuming({
      ...{
        service: 'console',
        consumers: [OWN_GROUP],
        brokers: [],
        registryUrl: 'http://127.0.0.1:9',
        readiness: new Readiness(),
      },
      ...{ store, vault, metrics, logger },
      folds: foldsOf({ aggregates: [reviewCases], projections: [openCases] }),
      onFatal: (error) => logger.error({ err: error }, 'spec.fatal'),
    });
    const config = consoleConfig.parse({
      INGRESS_URL: ingressUrl,
      TOKENS_FILE: join(home, 'tokens.yaml'),
      ...settings,
    });
    const providers = [
      { provide: SERVICE_NAME, useValue: 'console' },
      { provide: CONFIG, useValue: config },
      { provide: LOGGER, useValue: logger },
      { provide: EVENT_STORE, useValue: store },
      { provide: VAULT, useValue: vault },
      { provide: Metrics, useValue: metrics },
      { provide: Decisions, useValue: new Decisions(consuming.queue) },
    ];
    const root = { module: class Root {}, global: true, imports: [ConsoleModule], providers, exports: providers };
    const app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter(), {
      ...{ logger: false, abortOnError: false, bodyParser: false },
    });
    app.get(OpenApi).describe(app);
    await app.init();
    const declared = { name: 'console', consumers: serviceOf('console').consumers, handlers, reactions: [] };
    const tables = consumerTables(declared, (handler) => app.get<unknown>(handler, { strict: false }));
    await consuming.start(tables);
    return new ConsoleWorld({
      home,
      database,
      store,
      vault,
      consuming,
      handlers: tables[0]!.handlers,
      app,
      ingress,
      mailbox,
    });
  }

  /** A person with a token; the answer to each request of theirs. */
  person(name: string, role: TokenRole) {
    const { text } = addToken({ tokensFile: join(this.parts.home, 'tokens.yaml') }, name, role, 3_600_000);
    return async (method: string, path: string, etag?: string, body?: object): Promise<Answer> => {
      const response = await this.parts.app.inject({
        method: method as 'GET',
        url: path,
        headers: { authorization: `Bearer ${text}`, ...(etag !== undefined && { 'if-match': etag }) },
        ...(body && { payload: body }),
      });
      return {
        status: response.statusCode,
        etag: String(response.headers['etag'] ?? ''),
        body: response.json(),
      };
    };
  }

  /** A message of another service. Resolves when what it leads to is committed. */
  async receives<C extends Contract>(contract: C, data: DataOf<C>): Promise<void> {
    const [id, subject] = [randomUUID(), keyOf(contract, data)];
    const story = { correlationId: id, causationId: null, hops: 0, path: [], traceparent: null };
    const about = { type: contract.type, data, subject, source: '/services/fraud', time: new Date() };
    await this.parts.consuming.queue.process([
      {
        message: { id, ...about, ...story },
        handler: this.parts.handlers.get(contract.type)!,
        ...{ orderKey: subject, attempts: 0, inbox: { id, fingerprint: randomBytes(32) } },
      },
    ]);
  }

  /** Contracts of what happened to a case, oldest first. */
  async eventsOf(reviewId: string): Promise<string[]> {
    return (await this.parts.store.read(reviewCases.of(reviewId))).map(({ type }) => type.split('.').at(-1)!);
  }

  async stop(): Promise<void> {
    const { app, consuming, store, vault, database, ingress, home } = this.parts;
    await consuming.stop();
    await app.close();
    await ingress.close();
    await store.close();
    await vault.close();
    await database.drop();
    rmSync(home, { recursive: true });
  }

  /** Throws when no token in force signed it. */
  private signed(headers: Readonly<Record<string, string>>, body: Buffer): Signed {
    const content = Buffer.concat([Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`), body]);
    const signature = Buffer.from(headers['webhook-signature']!.slice('v1a,'.length), 'base64');
    const tokens = Object.values(listTokens({ tokensFile: join(this.parts.home, 'tokens.yaml') }));
    const signer = tokens.find(
      ({ publicKey }) => publicKey !== null && verify(null, content, publicKeyOf(publicKey), signature),
    );
    if (!signer) throw new Error('nobody signed it');
    const { type, data } = JSON.parse(body.toString('utf8')) as Omit<Signed, 'person'>;
    return { person: signer.person, type, data };
  }
}

async function ownDatabase(): Promise<{ database: SpecDatabase; store: EventStore; vault: Vault }> {
  const database = await createSpecDatabase();
  // Roles belong to the cluster, so the spec's service has a name of its own there.
  const schema = `c${randomBytes(4).toString('hex')}`;
  const contracts = all().map((one) => ({ ...one, producers: one.producers.includes('console') ? [schema] : [] }));
  const passwords = { [`${schema}_service`]: 'spec' };
  await setupDatabase({ adminUrl: database.adminUrl, services: [schema], contracts, passwords, slot: null });
  const url = database.urlOf(`${schema}_service`);
  return { database, store: openStore({ url, schema }), vault: await openVault({ url }) };
}

/** Where what reaches ingress goes. */
interface Mailbox {
  taken(headers: Readonly<Record<string, string>>, body: Buffer): void;
}

/** The source `operator` of an ingress that takes everything: signatures are of the bytes, so nothing is parsed. */
function ingressWith(mailbox: Mailbox): FastifyInstance {
  const server = Fastify({ forceCloseConnections: true });
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.post('/webhooks/operator', async (request, reply) => {
    const headers = request.headers as Readonly<Record<string, string>>;
    mailbox.taken(headers, request.body as Buffer);
    return reply.code(202).send({ deliveryId: headers['webhook-id'] });
  });
  return server;
}
