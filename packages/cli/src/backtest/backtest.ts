import { services } from '@towpath/contracts/topics';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { callProgram } from '../history/service-program.js';
import { environmentOf, localServices } from '../local/service-environment.js';
import { OFFLINE } from '../replay/recorded-message.js';
import { forbiddenBy, readGate } from './gate.js';
import { recordedMessages } from './recorded-messages.js';
import { showBacktest, type Backtested } from './show-backtest.js';
import type { FailedMessage, Flip, Summary } from './summary.js';
import { variantOf } from './variant.js';

export interface BacktestOptions {
  readonly since: Date;
  readonly until?: Date;
  readonly with?: readonly string[];
  readonly gate?: string;
  /** how many flips, and how many failures, are shown */
  readonly limit: number;
}

/**
 * Decides a service's recorded messages again with something changed, effects stubbed, and shows what came out otherwise. The exit code
 * is 1 when the gate forbids the change. Throws SERVICE_UNKNOWN, VARIANT_UNKNOWN, GATE_INVALID and what the service's program says.
 */
export async function backtest(
  context: Context,
  addresses: Addresses,
  service: string,
  options: BacktestOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const gate = options.gate === undefined ? undefined : readGate(options.gate);
  const tested = await run(context, addresses, service, options);
  const forbidden = gate && forbiddenBy(gate, tested.summary);
  showBacktest(context, service, { ...tested, forbidden, limit: options.limit });
  if (forbidden && forbidden.length > 0) process.exitCode = 1;
}

async function run(
  context: Context,
  addresses: Addresses,
  service: string,
  options: BacktestOptions & { readonly signal: AbortSignal },
): Promise<Backtested> {
  const local = localServices.find(({ name }) => name === service);
  const declared = services().find(({ name, store }) => name === service && store);
  if (!local || !declared)
    throw new CliError('SERVICE_UNKNOWN', `${service} is no service with decisions of this home.`);
  const { settings, runs } = variantOf(service, options.with ?? []);
  const environment = { ...environmentOf(local, addresses), ...OFFLINE, ...settings };
  const { since, until = new Date(), signal } = options;
  const input = lines(recordedMessages(addresses, declared.consumes, { since, until }, signal));
  const [flips, failures]: [Flip[], FailedMessage[]] = [[], []];
  let summary: Summary | undefined;
  for await (const answer of callProgram(service, ['backtest', since.toISOString(), until.toISOString(), runs], {
    environment,
    input,
    signal,
  })) {
    if (isProgress(answer)) context.note(progressText(answer.progress));
    else if (isSummary(answer)) ({ summary } = answer);
    else if (isFailure(answer)) failures.push(answer.failure);
    else flips.push(answer as Flip);
  }
  if (!summary) throw new CliError('BACKTEST_ENDED', `the backtest of ${service} was ended before its summary.`);
  return { flips, failures, summary };
}

async function* lines(messages: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const message of messages) yield `${JSON.stringify(message)}\n`;
}

interface Progress {
  readonly phase: 'history' | 'messages';
  readonly events?: number;
  readonly messages?: number;
}

function isProgress(answer: unknown): answer is { readonly progress: Progress } {
  return 'progress' in (answer as object);
}

function isSummary(answer: unknown): answer is { readonly summary: Summary } {
  return 'summary' in (answer as object);
}

function isFailure(answer: unknown): answer is { readonly failure: FailedMessage } {
  return 'failure' in (answer as object);
}

function progressText({ phase, events, messages }: Progress): string {
  return phase === 'history' ? `folded ${events} events of before` : `decided ${messages} messages`;
}
