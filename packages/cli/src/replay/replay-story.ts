import { services } from '@towpath/contracts/topics';
import { openInspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Colors, Context } from '../context.js';
import { callProgram } from '../history/service-program.js';
import { databaseUrl, environmentOf, localServices } from '../local/service-environment.js';
import { findStories, type Story } from '../trace/find-stories.js';
import { nameOf } from '../watch/watch-line.js';
import { OFFLINE } from './recorded-message.js';
import { deliveryOf, messagesOf } from './story-messages.js';
import type { ReplayMessage, Verdict } from './verdict.js';

/** A verdict and whose it is. */
export interface ServiceVerdict extends Verdict {
  readonly service: string;
}

/**
 * Replays whole stories offline: each service decides again, from its store as it was, what it decided of the story's messages, and
 * each decision is compared with the recorded one. The exit code is 1 when one differs or can't be made. Throws STORY_NOT_FOUND.
 */
export async function replayStory(
  context: Context,
  addresses: Addresses,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  for (const story of await storiesOf(addresses, id)) {
    const messages = messagesOf(story);
    const delivery = await deliveryOf(addresses, story, signal);
    if (delivery)
      for (const name of receiversOf('webhooks.received'))
        messages.set(name, [delivery, ...(messages.get(name) ?? [])]);
    else
      context.note(
        `the delivery of ${story.correlationId} is on its topic no longer: how it was routed is not replayed`,
      );
    const verdicts: ServiceVerdict[] = [];
    for (const [service, received] of messages) {
      context.note(`replaying ${received.length} messages in ${service} …`);
      for await (const verdict of verdictsOf(addresses, service, received, signal)) verdicts.push(verdict);
    }
    show(context, story, verdicts, delivery !== undefined);
    if (verdicts.some(({ verdict }) => verdict === 'differs' || verdict === 'failed')) process.exitCode = 1;
  }
}

async function storiesOf(addresses: Addresses, id: string): Promise<Story[]> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const stories = await findStories(inspector, id);
    if (stories.length > 0) return stories;
    throw new CliError('STORY_NOT_FOUND', `no store knows ${id}; give the id of a delivery, event, payment or ticket.`);
  } finally {
    await inspector.close();
  }
}

function receiversOf(topic: string): string[] {
  return services().flatMap(({ name, store, consumes }) => (store && consumes.includes(topic) ? [name] : []));
}

/** Has one service decide these messages again, from its store as it was. Throws SERVICE_UNKNOWN and what its program says. */
export async function* verdictsOf(
  addresses: Addresses,
  name: string,
  messages: readonly ReplayMessage[],
  signal: AbortSignal,
): AsyncGenerator<ServiceVerdict> {
  const local = localServices.find((service) => service.name === name);
  if (!local) throw new CliError('SERVICE_UNKNOWN', `${name} is no service of this home.`);
  const environment = { ...environmentOf(local, addresses), ...OFFLINE };
  const input = messages.map((message) => `${JSON.stringify(message)}\n`);
  for await (const answer of callProgram(name, ['replay'], { environment, input, signal })) {
    if ('verdict' in (answer as object)) yield { service: name, ...(answer as Verdict) };
  }
}

function show(context: Context, { correlationId }: Story, verdicts: readonly ServiceVerdict[], routed: boolean): void {
  const { colors } = context;
  const count = (verdict: Verdict['verdict']) => verdicts.filter((one) => one.verdict === verdict).length;
  const counts = { same: count('same'), differs: count('differs'), failed: count('failed') };
  const left = { unseen: count('unseen'), archived: count('archived') };
  const title = `${colors.bold(correlationId)}  ${verdicts.length} decisions: ${counts.same} same, ${counts.differs} differ, ${counts.failed} failed`;
  const lines = verdicts.flatMap((verdict) => verdictLines(verdict, colors));
  context.show([title, ...lines].join('\n'), { story: correlationId, routed, ...counts, ...left, verdicts });
}

/** A verdict for people, with what differs. */
export function verdictLines(one: ServiceVerdict, colors: Colors): string[] {
  const { service, handler, type, verdict, events, decidedBy, detail } = one;
  const color =
    verdict === 'same' ? colors.green : verdict === 'unseen' || verdict === 'archived' ? colors.dim : colors.red;
  const by = decidedBy === undefined ? '' : `  by ${decidedBy}`;
  const line = `  ${color(verdict.padEnd(8))} ${service}  ${handler}  ${nameOf(type)} → ${events}${by}`;
  return [
    ...[line, ...(detail === undefined ? [] : [`           ${detail}`])],
    ...one.differences.map(({ place, recorded, replayed }) => `           ${place}: ${recorded} → ${replayed}`),
  ];
}
