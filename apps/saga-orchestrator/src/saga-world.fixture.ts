import { randomBytes, randomUUID } from 'node:crypto';
import { all } from '@towpath/contracts/catalogue';
import type { Contract } from '@towpath/contracts/contract';
import { SagaLookDue } from '@towpath/contracts/sagas/SagaLookDue.v1';
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import { createSpecDatabase, type SpecDatabase } from '@towpath/event-store/spec-database';
import type { EventStore, StoredEvent } from '@towpath/event-store/types';
import { noUpcasters } from '@towpath/event-store/upcast';
import { openVault, type Vault } from '@towpath/event-store/vault';
import { commandRef } from '@towpath/sagas/command-id';
import type { SagaDefinition } from '@towpath/sagas/definition';
import { sagas } from '@towpath/sagas/saga-state';
import { sagaIdOf } from '@towpath/sagas/saga-id';
import { foldsOf } from '@towpath/service-kit/folds';
import { createLogger } from '@towpath/service-kit/logger';
import { Metrics } from '@towpath/service-kit/metrics';
import { GroupProcessor } from '@towpath/service-kit/pipeline/group-processor';
import { GroupQueue } from '@towpath/service-kit/pipeline/group-queue';
import { Inbound } from '@towpath/service-kit/pipeline/inbound';
import type { BoundHandler, Item } from '@towpath/service-kit/pipeline/item';
import { PipelineMetrics } from '@towpath/service-kit/pipeline/pipeline-metrics';
import { DEFAULT_RETRY } from '@towpath/service-kit/pipeline/retry.decider';
import { TimerLoop } from '@towpath/service-kit/pipeline/timer-loop';
import { contents } from './contents.js';
import { EMITS, SERVICE } from './emissions.js';
import { LookAtSaga } from './look-at-saga.handler.js';
import { openSagas } from './open-sagas.projection.js';
import { Registry } from './registry.js';
import { RunSagas } from './run-sagas.handler.js';

/** A database of the spec's own, and replicas of the orchestrator on it. */
export class SagaWorld {
  private constructor(
    private readonly database: SpecDatabase,
    /** roles belong to the cluster, so the spec's service has a name of its own */
    private readonly schema: string,
    readonly store: EventStore,
    readonly vault: Vault,
  ) {}

  static async open(): Promise<SagaWorld> {
    const database = await createSpecDatabase();
    const schema = `g${randomBytes(4).toString('hex')}`;
    const producers = (one: Contract) => (one.producers.includes(SERVICE) ? [schema] : []);
    const contracts = all().map((one) => ({ ...one, producers: producers(one) }));
    const passwords = { [`${schema}_service`]: 'spec' };
    await setupDatabase({ adminUrl: database.adminUrl, services: [schema], contracts, passwords, slot: null });
    const url = database.urlOf(`${schema}_service`);
    return new SagaWorld(database, schema, openStore({ url, schema }), await openVault({ url }));
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.vault.close();
    await this.database.drop();
  }

  /** Its definitions are those of the build that it runs. */
  replica(...definitions: readonly SagaDefinition[]): SagaReplica {
    return new SagaReplica(this, this.schema, new Registry(definitions));
  }

  /** The events of a saga in order. */
  historyOf(definition: string, key: string): Promise<StoredEvent[]> {
    return this.store.read(sagas.of(sagaIdOf(definition, key)));
  }

  /** Commands of this contract that were sent for a saga, newest last. */
  async commandsOf(contract: Contract, definition: string, key: string): Promise<{ id: string; data: unknown }[]> {
    const sagaId = sagaIdOf(definition, key);
    const rows = await this.store.query<{ id: string; data: unknown }>(
      'spec_commands',
      'select id, data from events where type = $1 order by position',
      [contract.type],
    );
    return rows.filter(({ id }) => commandRef(id)?.sagaId === sagaId);
  }
}

export class SagaReplica {
  private readonly table: ReadonlyMap<string, BoundHandler>;
  private readonly queue: GroupQueue;
  private timers: TimerLoop | undefined;

  constructor(
    private readonly world: SagaWorld,
    private readonly schema: string,
    registry: Registry,
  ) {
    const run = new RunSagas(registry) as unknown as BoundHandler['instance'];
    const look = new LookAtSaga(registry) as unknown as BoundHandler['instance'];
    const bound = (contract: Contract, instance: BoundHandler['instance']): BoundHandler => ({
      ...{ name: 'RunSagas', contract, emits: EMITS, decrypts: contract.pii.length > 0 },
      ...{ retry: DEFAULT_RETRY, strict: false, instance },
    });
    const heard = registry.heard().map((contract) => [contract.type, bound(contract, run)] as const);
    this.table = new Map([...heard, [SagaLookDue.type, bound(SagaLookDue, look)]]);
    const { store, vault } = world;
    const processor = new GroupProcessor({
      ...{ service: schema, store, vault },
      folds: foldsOf({ aggregates: [sagas, contents], projections: [openSagas] }),
      metrics: new PipelineMetrics(new Metrics(SERVICE)),
      logger: createLogger(SERVICE, 'error').logger,
      onTimer: (dueAt) => this.timers?.expect(dueAt),
    });
    this.queue = new GroupQueue(processor);
  }

  /** An event, or the answer to a command. */
  hear(contract: Contract, data: object, causationId: string | null = null): Promise<void> {
    return this.queue.process([this.itemOf(contract, data, causationId)]);
  }

  startTimers(): void {
    const { store, vault } = this.world;
    const schemaIds = new Map<string, number>();
    const writerSchema = () => Promise.reject(new Error('nothing is read from a topic here'));
    const reading = { service: this.schema, handlers: this.table, schemaIds, writerSchema };
    const inbound = new Inbound({ ...reading, vault, upcasters: noUpcasters });
    const logger = createLogger(SERVICE, 'error').logger;
    this.timers = new TimerLoop({ store, inbound, queue: this.queue, types: [SagaLookDue.type], logger });
    this.timers.start();
  }

  async stop(): Promise<void> {
    await this.timers?.stop();
    await this.queue.drained();
  }

  private itemOf(contract: Contract, data: object, causationId: string | null): Item {
    const id = randomUUID();
    const subject = String((data as Record<string, unknown>)[contract.key]);
    const story = { correlationId: id, causationId, hops: 0, path: [], traceparent: null };
    const message = { id, type: contract.type, data, subject, source: '/services/x', time: new Date(), ...story };
    const inbox = { id, fingerprint: randomBytes(32) };
    return { message, handler: this.table.get(contract.type)!, orderKey: subject, inbox, attempts: 0 };
  }
}
