import type { BeforeApplicationShutdown } from '@nestjs/common';
import { contractOf } from '@towpath/contracts/catalogue';
import { openBudgets } from '@towpath/event-store/budgets';
import { decryptPii, subjectsOf } from '@towpath/event-store/cipher';
import { fold } from '@towpath/event-store/fold';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import type { BreakerLog } from '@towpath/service-kit/breakers/breaker-log';
import type { Resettable } from '@towpath/service-kit/breakers/breaker-resets';
import type { Logger } from '@towpath/service-kit/logger';
import type { Metrics } from '@towpath/service-kit/metrics';
import { secretsOf } from '../identity/service-identities.js';
import { recordedRun } from '../journal/recorded-run.js';
import type { ModelGateway as RunModel } from '../model-gateway.js';
import type { ExchangeRecord } from './exchange-record.js';
import { journalRecord } from './journal-record.js';
import type { ModelConfig } from './model-config.js';
import type { ModelMode } from './model-gateway.js';
import { modelMetrics } from './model-metrics.js';
import { openModelGateway } from './open-gateway.js';
import { runModel } from './run-model.js';
import { secretScreen } from './screen.js';

/** The model of a service's runs, as its settings ask for it; closed when the service stops. Throws as `openModelGateway`. */
export async function serviceModel(
  config: Readonly<Record<string, unknown>>,
  store: EventStore,
  vault: Vault,
  metrics: Metrics,
  logger: Logger,
  log: BreakerLog,
): Promise<ServiceModel> {
  // The kit has read and checked them; here they only get their types back.
  const settings = config as unknown as ModelConfig;
  const gateway = await openModelGateway({
    config: settings,
    budgets: openBudgets({ url: String(config['DATABASE_URL']) }),
    record: storeRecord(store, vault),
    observer: {
      ...modelMetrics(metrics, logger),
      breakerChanged: (name, state, cause) => log.tell(name, state, cause),
    },
    screen: secretScreen(secretsOf(config)),
  });
  logger.info({ mode: gateway.mode, model: gateway.mode === 'off' ? null : config['OPENAI_MODEL'] }, 'model.mode');
  const mode = askedThen(gateway.mode, settings);
  return {
    ...runModel(gateway),
    mode,
    breakers: () => gateway.breakers ?? [],
    beforeApplicationShutdown: async () => {
      await gateway.close();
      await log.stop();
    },
  };
}

/** The way to a model, with the breakers that stand in it. */
export interface ServiceModel extends RunModel, BeforeApplicationShutdown {
  breakers(): readonly Resettable[];
}

/** A replay is by the settings of now: where they name no model none would be asked, whatever the record holds. */
function askedThen(mode: ModelMode, { OPENAI_API_KEY, OPENAI_BASE_URL }: ModelConfig): ModelMode {
  return mode === 'replay' && OPENAI_API_KEY === undefined && OPENAI_BASE_URL === undefined ? 'off' : mode;
}

/** What the runs of a store were answered, from their journals. */
export function storeRecord(store: Pick<EventStore, 'readStreams'>, vault: Pick<Vault, 'keysFor'>): ExchangeRecord {
  return journalRecord(async (runId) => {
    const stream = recordedRun.of(runId);
    const events = (await store.readStreams([stream])).get(stream) ?? [];
    const keys = await vault.keysFor(events.flatMap(({ type, data }) => subjectsOf(contractOf(type), data)));
    const readable = events.map((event) => ({ ...event, data: decryptPii(contractOf(event.type), event.data, keys) }));
    const run = fold(recordedRun, readable);
    return { agent: run.started?.agent ?? '', steps: [...run.steps.values()] };
  });
}
