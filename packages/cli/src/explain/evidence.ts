import type { InspectedEvent, Inspector } from '@towpath/event-store/inspect';
import type { StoredEvent } from '@towpath/event-store/types';
import type { Mismatch } from '@towpath/event-store/verify';
import { CliError } from '../cli-error.js';
import { findStories } from '../trace/find-stories.js';

/** A stored event that was not archived. */
export type Evidenced = InspectedEvent & { readonly archived?: undefined };

/** A decision and what it stands on. */
export interface Evidence {
  readonly decision: Evidenced;
  /** earlier events of its stream whose hashes it names; when it names none, the newest that has hashes */
  readonly basis: readonly Evidenced[];
  /** what led to it, nearest first */
  readonly causes: readonly Evidenced[];
  /** the steps of the agent's runs that it and its basis name */
  readonly steps: readonly Evidenced[];
  /** streams of all these, with what is wrong with them */
  readonly streams: readonly VerifiedStream[];
}

export interface VerifiedStream {
  readonly schema: string;
  readonly stream: string;
  readonly mismatches: readonly Mismatch[];
}

/** Fields that a decision has and other events don't. */
const DECIDES = ['decidedBy', 'reasons', 'ruleVersions', 'rulesVersion', 'modelVersion'];

/**
 * What the stores know of why an event came to be. An id that is no event's is taken for its story's newest decision.
 * Throws EVENT_NOT_FOUND and EVENT_ARCHIVED.
 */
export async function gatherEvidence(inspector: Inspector, id: string): Promise<Evidence> {
  const decision = present(await eventOf(inspector, id), id);
  const basis = await basisOf(inspector, decision);
  const causes = (await inspector.causes(decision.id)).filter(isPresent);
  const steps = await stepsOf(inspector, [decision, ...basis]);
  const streams = await verified(inspector, [decision, ...basis, ...causes, ...steps]);
  return { decision, basis, causes, steps, streams };
}

async function eventOf(inspector: Inspector, id: string): Promise<InspectedEvent> {
  const event = await inspector.eventById(id);
  if (event) return event;
  const stories = await findStories(inspector, id);
  const decisions = stories.flatMap(({ events }) => events).filter((one) => isPresent(one) && decides(one));
  // An answer of the same stream beats one that merely mentions it.
  const own = decisions.filter(({ stream }) => stream.endsWith(`-${id}`));
  const newest = (own.length > 0 ? own : decisions).at(-1);
  if (newest) return newest;
  throw new CliError(
    'EVENT_NOT_FOUND',
    `no store knows a decision by ${id}; give the id of an event, such as \`towpath trace\` shows, or of what was decided about.`,
  );
}

function decides({ data, kind }: Evidenced): boolean {
  return kind !== 'internal' && DECIDES.some((name) => dataOf(data)[name] !== undefined);
}

/** Hashes are how a decision names what it stands on. */
async function basisOf(inspector: Inspector, decision: Evidenced): Promise<Evidenced[]> {
  const named = new Set(Object.values(hashesIn(decision.data)));
  const { schema, stream, version } = decision;
  const found: Evidenced[] = [];
  let newest: Evidenced | undefined;
  for await (const event of inspector.events({ schema, stream, toVersion: version })) {
    const one = { ...event, schema };
    if (event.version === version || !isPresent(one)) continue;
    const hashes = Object.values(hashesIn(event.data));
    if (hashes.some((hash) => named.has(hash))) found.push(one);
    if (hashes.length > 0) newest = one;
  }
  // What a person decides names no hash, and still follows an analysis.
  return found.length === 0 && newest && named.size === 0 ? [newest] : found;
}

async function stepsOf(inspector: Inspector, events: readonly Evidenced[]): Promise<Evidenced[]> {
  const runs = new Map(
    events.flatMap(({ schema, data }) => {
      const { runId } = dataOf(data);
      return typeof runId === 'string' && runId !== '' ? [[runId, schema] as const] : [];
    }),
  );
  const steps: Evidenced[] = [];
  for (const [runId, schema] of runs) {
    for await (const event of inspector.events({ schema, stream: `agent-run-${runId}` })) {
      const one = { ...event, schema };
      if (isPresent(one)) steps.push(one);
    }
  }
  return steps;
}

async function verified(inspector: Inspector, events: readonly Evidenced[]): Promise<VerifiedStream[]> {
  const streams = new Map(events.map(({ schema, stream }) => [`${schema}/${stream}`, { schema, stream }]));
  const all: VerifiedStream[] = [];
  for (const one of streams.values()) {
    const mismatches: Mismatch[] = [];
    for await (const mismatch of inspector.verify(one)) mismatches.push(mismatch);
    all.push({ ...one, mismatches });
  }
  return all;
}

/** The fields of data that end in `Hash`, by the name before it. */
export function hashesIn(data: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(dataOf(data)).flatMap(([name, value]) =>
      name.endsWith('Hash') && typeof value === 'string' ? [[name.slice(0, -'Hash'.length), value]] : [],
    ),
  );
}

export function dataOf(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
}

function present(event: InspectedEvent, id: string): Evidenced {
  if (isPresent(event)) return event;
  throw new CliError('EVENT_ARCHIVED', `${id} left its store; its file has it, see \`towpath retention status\`.`);
}

function isPresent(event: StoredEvent & { readonly schema: string }): event is Evidenced {
  return !event.archived;
}
