import { setTimeout as delay } from 'node:timers/promises';
import type { Inspector } from '@towpath/event-store/inspect';
import { loadSources } from '@towpath/sources/load';
import { signAs } from '@towpath/sources/sign';
import { sourceFilesOf } from '../../local/local-sources.js';
import type { LocalPlatform } from '../../local/platform.js';
import { gatherStories, seenOf } from './gather-stories.js';
import {
  paymentMade,
  plannedRefund,
  plannedStories,
  stockMessage,
  type PlannedMessage,
  type PlannedStory,
} from './planned-sagas.js';
import { sagaSummary, storyProblems, type SagaSummary, type StoryRow } from './saga-verdict.js';

/** What came of the demo's orders, refund, recovery and onboarding. */
export interface SagaReport {
  readonly rows: readonly StoryRow[];
  /** what was not as it must be */
  readonly problems: readonly string[];
  readonly summary: SagaSummary;
}

interface Options {
  readonly seed: string;
  readonly signal: AbortSignal;
}

const WAIT_MS_MAX = 45_000;
const LOOK_MS = 250;

/**
 * Three orders, a declined payment and a sign-up at once; then a refund of the order that went well, and the declined customer pays.
 * What became of each is held against what must be.
 */
export async function runSagas(platform: LocalPlatform, inspector: Inspector, options: Options): Promise<SagaReport> {
  const { seed, signal } = options;
  const sent: Omit<StoryRow, 'seen'>[] = [];
  const begin = async (story: PlannedStory): Promise<void> => {
    for (const fault of story.faults) await behave(platform, 'PUT', fault);
    const sentAt = Date.now();
    sent.push({ planned: story, answer: await deliver(platform, story.message), sentAt });
  };
  const look = async (): Promise<StoryRow[]> => {
    const evidence = await gatherStories(inspector, platform.home);
    return sent.map((one) => ({ ...one, seen: seenOf(one.planned, evidence) }));
  };
  const isTold = ({ planned, seen }: StoryRow): boolean => seen.letters >= planned.letters;

  await deliver(platform, stockMessage(seed, new Date()));
  const stories = plannedStories(seed, new Date());
  const refund = plannedRefund(seed, new Date());
  for (const story of stories) if (!signal.aborted) await begin(story);
  const good = ({ planned }: StoryRow): boolean =>
    planned.definition === 'order-fulfilment' && planned.end === 'completed';
  await waitFor(look, signal, (rows) => rows.filter(good).every(({ seen }) => seen.end !== null));
  if (!signal.aborted) await begin(refund);
  const declined = ({ planned }: StoryRow): boolean => planned.definition === 'payment-recovery';
  await waitFor(look, signal, (rows) => rows.filter(declined).every(isTold));
  if (!signal.aborted) await deliver(platform, paymentMade(seed, new Date()));
  const rows = await waitFor(look, signal, (seen) => storyProblems(seen).length === 0);
  await behave(platform, 'DELETE');
  return { rows, problems: storyProblems(rows), summary: sagaSummary(rows) };
}

async function behave({ around }: LocalPlatform, method: 'PUT' | 'DELETE', fault?: object): Promise<void> {
  const url = `http://127.0.0.1:${around.ports.sandbox}/sandbox/behaviour`;
  const content = fault ? { body: JSON.stringify(fault), headers: { 'content-type': 'application/json' } } : {};
  const answer = await fetch(url, { method, ...content });
  if (!answer.ok) throw new Error(`SANDBOX_REFUSED: ${url} answered ${answer.status}: ${await answer.text()}`);
}

async function deliver({ home, around }: LocalPlatform, { source, id, body }: PlannedMessage): Promise<number> {
  const known = loadSources(sourceFilesOf(home)).get(source);
  const secret = known?.credentials[0]?.text;
  if (!known || secret === undefined)
    throw new Error(`SOURCE_MISSING: the demo needs the source ${source}; run \`towpath sources add ${source}\``);
  const text = JSON.stringify(body);
  const answer = await fetch(`http://127.0.0.1:${around.ports.ingress}/webhooks/${source}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...signAs(known.scheme, secret, { id, body: text, at: new Date() }),
    },
    body: text,
  });
  await answer.arrayBuffer();
  return answer.status;
}

async function waitFor(
  look: () => Promise<StoryRow[]>,
  signal: AbortSignal,
  enough: (rows: readonly StoryRow[]) => boolean,
): Promise<StoryRow[]> {
  const deadline = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const rows = await look();
    if (enough(rows) || performance.now() > deadline || signal.aborted) return rows;
    await delay(LOOK_MS);
  }
}
