import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { ActAuthority } from '@towpath/service-kit/agents/act-authority';
import { AgentSwitches } from '@towpath/service-kit/agents/agent-switches';
import { BreakerLog } from '@towpath/service-kit/breakers/breaker-log';
import { BreakerResets } from '@towpath/service-kit/breakers/breaker-resets';
import { breakers } from '@towpath/service-kit/breakers/breakers.projection';
import { ResetOwnBreaker } from '@towpath/service-kit/breakers/reset-breaker.handler';
import { Decisions } from '@towpath/service-kit/decisions';
import { LOGGER, type Logger } from '@towpath/service-kit/logger';
import { Metrics } from '@towpath/service-kit/metrics';
import { CONFIG, EVENT_STORE, VAULT } from '@towpath/service-kit/platform';
import { SERVICE_NAME, ServicePart } from '@towpath/service-kit/service';
import { AgentIdentities } from './identity/agent-identities.js';
import { secretsOf, serviceIdentities } from './identity/service-identities.js';
import { instructionsFrom } from './instructions-from.js';
import { recordedRun } from './journal/recorded-run.js';
import { modelConfig, type ModelConfig } from './model/model-config.js';
import { serviceModel, type ServiceModel } from './model/service-model.js';
import type { ModelGateway } from './model-gateway.js';
import { CancelRunOfThisService } from './operations/cancel-run.handler.js';
import { RetryRunOfThisService } from './operations/retry-run.handler.js';
import { AgentActs } from './policy/agent-acts.js';
import { PolicyGate } from './policy/policy-gate.js';
import { Runner } from './runner.js';
import type { ToolGate } from './tool-gate.js';

/** Injection token of the way to a model. */
export const MODEL_GATEWAY = Symbol('MODEL_GATEWAY');
/** Injection token of what stands between agents and tools. */
export const TOOL_GATE = Symbol('TOOL_GATE');

/** Gives a service its Runner: `@Service({ …, imports: [AgentsModule] })`, then `constructor(private readonly runner: Runner)`. */
@ServicePart({
  handlers: [CancelRunOfThisService, RetryRunOfThisService, ResetOwnBreaker],
  aggregates: [recordedRun],
  projections: [breakers],
  config: modelConfig,
  providers: [
    {
      provide: BreakerLog,
      inject: [Decisions, LOGGER, SERVICE_NAME],
      useFactory: (decisions: Decisions, logger: Logger, service: string) => new BreakerLog(decisions, logger, service),
    },
    {
      provide: MODEL_GATEWAY,
      inject: [CONFIG, EVENT_STORE, VAULT, Metrics, LOGGER, BreakerLog],
      useFactory: serviceModel,
    },
    {
      provide: BreakerResets,
      inject: [MODEL_GATEWAY, BreakerLog, EVENT_STORE],
      useFactory: (model: ServiceModel, log: BreakerLog, store: EventStore) =>
        new BreakerResets(() => model.breakers(), log, store),
    },
    { provide: AgentIdentities, inject: [CONFIG, SERVICE_NAME, LOGGER], useFactory: serviceIdentities },
    { provide: TOOL_GATE, inject: [CONFIG, AgentIdentities, AgentSwitches, ActAuthority], useFactory: policyGate },
    {
      provide: Runner,
      inject: [CONFIG, EVENT_STORE, VAULT, MODEL_GATEWAY, TOOL_GATE],
      useFactory: runner,
    },
  ],
  exports: [Runner, MODEL_GATEWAY, TOOL_GATE],
})
export class AgentsModule {}

function runner(
  { MODEL_INSTRUCTIONS: told }: Pick<ModelConfig, 'MODEL_INSTRUCTIONS'>,
  ...[store, keys, model, gate]: [EventStore, Vault, ModelGateway, ToolGate]
): Runner {
  return new Runner({ store, keys, model, gate, ...(told && { instructions: instructionsFrom(told) }) });
}

/** One gate for tools and one for commands, over the same identities; the pipeline asks the second. */
function policyGate(
  config: Readonly<Record<string, unknown>>,
  identities: AgentIdentities,
  switches: AgentSwitches,
  authority: ActAuthority,
): PolicyGate {
  const options = { identities, switches, secrets: secretsOf(config) };
  authority.use(new AgentActs(options));
  return new PolicyGate(options);
}
