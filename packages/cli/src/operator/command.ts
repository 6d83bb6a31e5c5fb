import { all } from '@towpath/contracts/catalogue';
import { streamOf } from '@towpath/contracts/contract';
import { services } from '@towpath/contracts/topics';
import { openInspector } from '@towpath/event-store/inspect';
import { schemaOf } from '@towpath/event-store/names';
import type { InspectedRecord } from '@towpath/kafka/inspect';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { followTopics } from '../follow-topics.js';
import { maskedData } from '../reveal/mask.js';
import { factsOf } from '../watch/facts.js';
import { domainTopics } from '../watch/watch.js';
import { nameOf } from '../watch/watch-line.js';
import { send, type Signer } from './send.js';

/** What a person asks for; the form that ingress's source `operator` takes. */
export interface OperatorCommand {
  readonly type:
    | ('UnfreezeAccount' | 'DecideReview' | 'SettleEffect' | 'ResetBreaker')
    | ('TakeLead' | 'CloseLead')
    | ('CancelSaga' | 'PauseSaga' | 'ResumeSaga' | 'RetrySagaStep' | 'SkipSagaStep');
  readonly data: Readonly<Record<string, string | null>>;
  /** the events of which one says that it was done, the usual one first */
  readonly done: readonly [string, ...string[]];
  /** the service that appends it, when any could */
  readonly owner?: string;
}

const WAIT_MS = 10_000;
const REFUSALS = new Set(['triage.v1.DeliveryRefused', 'triage.v1.DeliveryUnrouted', 'platform.v1.DeadLettered']);

/** Signs a command with the person's key, posts it and waits until it is done. Throws COMMAND_REFUSED or NO_OUTCOME. */
export async function command(
  context: Context,
  addresses: Addresses,
  asked: OperatorCommand,
  signer: Signer,
): Promise<void> {
  await showBefore(context, addresses, asked);
  const stop = AbortSignal.timeout(WAIT_MS);
  const records = followTopics(addresses, { topics: domainTopics(), from: new Date(), signal: stop });
  const { deliveryId } = await send(addresses, asked.type, asked.data, signer);
  for await (const record of records) {
    if (record.headers['ce_correlationid'] !== deliveryId) continue;
    if (REFUSALS.has(record.type)) throw refused(record);
    if (!asked.done.includes(nameOf(record.type))) continue;
    const name = nameOf(record.type);
    const facts = factsOf(record.data);
    const trace = `towpath trace ${deliveryId}`;
    const subject = record.headers['ce_subject'];
    context.show(`${subject}  ${context.colors.bold(name)}  ${facts.join(' · ')}\nsee every step: ${trace}`, {
      deliveryId,
      outcome: record.type,
      data: maskedData(record.type, record.data),
      trace,
    });
    return;
  }
  throw new CliError(
    'NO_OUTCOME',
    `the command was taken, but nothing came of it in ${WAIT_MS / 1000} s: perhaps there was nothing to do. ` +
      `See \`towpath trace ${deliveryId}\`.`,
  );
}

/** The last event of what is to be changed, and the one that is wanted. */
async function showBefore(context: Context, addresses: Addresses, asked: OperatorCommand): Promise<void> {
  const {
    data,
    done: [done],
    owner,
  } = asked;
  const contract = all().find(({ name }) => name === done);
  if (!contract || data[contract.key] === undefined) return;
  // What any service may say is said by the one that is asked.
  const by = owner ?? contract.producers[0] ?? data['service'] ?? '';
  if (!services().some(({ name }) => name === by)) return;
  const stream = streamOf(contract, data);
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const schema = schemaOf(by);
    const [last] = await inspector.query<{ type: string; occurred_at: Date }>(
      `select type, occurred_at from ${schema}.events where stream = $1 order by version desc limit 1`,
      [stream],
    );
    const before = last ? `${nameOf(last.type)} (${last.occurred_at.toISOString()})` : 'nothing recorded';
    context.note(`${stream}: ${before} → ${done}`);
  } finally {
    await inspector.close();
  }
}

function refused({ type, data, headers }: InspectedRecord): CliError {
  const story = headers['ce_correlationid'] ?? '';
  return new CliError(
    'COMMAND_REFUSED',
    `${nameOf(type)}: ${factsOf(data).join(' · ')}; see \`towpath trace ${story}\` and \`towpath operators list\`.`,
  );
}
