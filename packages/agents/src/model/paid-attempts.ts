import { randomUUID } from 'node:crypto';
import type { Budgets, BudgetShortage } from '@towpath/event-store/budgets';
import { AttemptFailure } from './attempt-failure.js';
import { added, leftMs, outOfTime, type Progress } from './exchange-progress.js';
import { judgeReply, type Judged } from './judge-reply.js';
import type { ModelConfig } from './model-config.js';
import { ModelError } from './model-error.js';
import type { ModelObserver } from './model-observer.js';
import type { PreparedCall } from './openai-provider.js';
import { costMicros, worstCaseMicros, type ModelPrice } from './prices.js';

/** A reply that may be used. */
export type Usable<T> = Exclude<Judged<T>, { kind: 'off-schema' }>;

interface PaidAttemptsParts {
  readonly config: ModelConfig;
  readonly price: ModelPrice;
  readonly budgets: Budgets;
  readonly observer: ModelObserver;
}

/** A reservation outlives its call by this, so that a slow settlement is not taken for a crash. */
const LEASE_MARGIN_MS = 30_000;
/** A try needs at least that much time to be worth its price. */
export const ATTEMPT_MS_MIN = 10;

/** Single requests to a provider, each reserved before and settled after. */
export class PaidAttempts {
  constructor(private readonly parts: PaidAttemptsParts) {}

  /**
   * Sends once and judges the reply. What it cost goes to the run, its agent's day and the day: by the provider's count, or at
   * its worst where only the provider could tell. Throws AttemptFailure, or ModelError when nothing is left or can be checked.
   */
  async once<T>(progress: Progress<T>, call: PreparedCall): Promise<Usable<T>> {
    if (leftMs(progress) < ATTEMPT_MS_MIN) throw outOfTime();
    const worst = worstCaseMicros(this.parts.price, call.bodyBytes, progress.canonical.outputTokensMax);
    const id = await this.reserve(progress, worst);
    let cost: number | null = 0;
    try {
      if (leftMs(progress) < ATTEMPT_MS_MIN) throw outOfTime();
      progress.attempts += 1;
      const reply = await call.send(leftMs(progress), progress.signal);
      progress.reply = reply;
      cost = reply.usage === null ? null : costMicros(this.parts.price, reply.usage);
      if (reply.usage !== null) progress.usage = added(progress.usage, reply.usage);
      const judged = judgeReply(progress.request, reply);
      if (judged.kind === 'off-schema') throw offSchema(judged.detail);
      return judged;
    } catch (error) {
      if (progress.reply === undefined && mayBeBilled(error)) cost = null;
      throw error;
    } finally {
      progress.costMicros += cost ?? worst;
      await this.settle(progress.request.agent, id, cost);
    }
  }

  private async reserve<T>(progress: Progress<T>, amountMicros: number): Promise<string> {
    const { request } = progress;
    const { config, budgets } = this.parts;
    const id = randomUUID();
    let short: BudgetShortage | null;
    try {
      short = await budgets.reserve({
        ...{ id, agent: request.agent, runId: request.runId, amountMicros },
        caps: {
          runMicros: request.limits.runCostMicrosMax,
          agentDayMicros: config.MODEL_AGENT_DAY_MICROS_MAX,
          dayMicros: config.MODEL_DAY_MICROS_MAX,
        },
        leaseMs: Math.ceil(leftMs(progress) + LEASE_MARGIN_MS),
      });
    } catch (error) {
      // A cap that can not be checked may be used up.
      const { code = 'no answer' } = error as { code?: string };
      throw new ModelError('MODEL_UNAVAILABLE', `its budget can not be checked (${code})`, { cause: error });
    }
    if (short !== null) throw new ModelError('MODEL_OVER_BUDGET', shortageText(short, amountMicros));
    return id;
  }

  /** A settlement that fails leaves the reservation to its lease, which counts the worst case: never too little. */
  private async settle(agent: string, id: string, cost: number | null): Promise<void> {
    try {
      await this.parts.budgets.settle(id, cost);
    } catch (error) {
      this.parts.observer.settlementFailed(agent, error);
    }
  }
}

/** Without a reply: what is not known to be free is taken to be billed. */
function mayBeBilled(error: unknown): boolean {
  return !(error instanceof AttemptFailure) || error.facts.billed === 'unknown';
}

function offSchema(detail: string): AttemptFailure {
  return new AttemptFailure('MODEL_OFF_SCHEMA', detail, {
    ...{ sent: true, billed: 'unknown', mayPass: false, counts: true },
  });
}

function shortageText({ scope, capMicros, spentMicros, reservedMicros }: BudgetShortage, amountMicros: number): string {
  const [whose, setting] = WHOSE[scope];
  const taken = `${spentMicros} spent and ${reservedMicros} reserved of ${capMicros} micros`;
  return `${whose} budget has no room for ${amountMicros} micros: ${taken}; raise ${setting} if it should`;
}

const WHOSE = {
  run: ["the run's", 'costMicros in the limits of the agent'],
  agent: ["the agent's day", 'MODEL_AGENT_DAY_MICROS_MAX'],
  day: ["the day's", 'MODEL_DAY_MICROS_MAX'],
} as const;
