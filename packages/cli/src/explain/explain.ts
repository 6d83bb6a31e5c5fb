import { contractOf, isContract } from '@towpath/contracts/catalogue';
import { fromJson } from '@towpath/contracts/codec';
import { openInspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { readable } from '../readable.js';
import type { View } from '../reveal/mask.js';
import { checkHashes, type HashCheck } from './checks.js';
import { gatherEvidence, type Evidenced, type VerifiedStream } from './evidence.js';
import { checksText, partText } from './explain-text.js';

/** One event of an explanation, as it may be shown. */
export interface Part {
  readonly role: 'decision' | 'basis' | 'step' | 'cause';
  readonly event: Evidenced;
  readonly data: unknown;
  readonly checks: readonly HashCheck[];
}

/**
 * Shows why an event came to be: the decision with its reasons and the versions of its rules, what it stands on (inputs, prompt, raw
 * answer), the steps of the agent that worked on it, and what led to it; and holds every hash and every stream against what is stored.
 * Throws EVENT_NOT_FOUND, EVENT_ARCHIVED, and EVIDENCE_DIFFERS when something is not what it was.
 */
export async function explain(context: Context, addresses: Addresses, id: string, view: View): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const { decision, basis, steps, causes, streams } = await gatherEvidence(inspector, id);
    const parts: Part[] = [];
    const add = async (role: Part['role'], events: readonly Evidenced[]): Promise<void> => {
      for (const event of events) parts.push(await partOf(role, event, view));
    };
    await add('decision', [decision]);
    await add('basis', basis);
    await add('step', steps);
    await add('cause', causes);
    for (const part of parts) context.show(partText(part, context.colors), partObject(part));
    context.show(checksText(parts, streams, context.colors), { checks: 'streams', streams });
    refuseWhatDiffers(parts, streams);
  } finally {
    await inspector.close();
  }
}

async function partOf(role: Part['role'], event: Evidenced, view: View): Promise<Part> {
  const { type, data } = event;
  const decoded = isContract(type) ? fromJson(contractOf(type), data) : data;
  const shown = await view(type, decoded);
  return { role, event, data: readable(shown, true), checks: checkHashes(shown) };
}

function partObject({ role, event, data, checks }: Part): object {
  const { id, type, schema: service, stream, version, occurredAt, metadata } = event;
  return { role, id, type, service, stream, version, occurredAt, causationId: metadata.causationId, data, checks };
}

function refuseWhatDiffers(parts: readonly Part[], streams: readonly VerifiedStream[]): void {
  const hashes = parts.flatMap(({ event, checks }) =>
    checks.filter(({ state }) => state === 'differs').map(({ field }) => `${field} of event ${event.id}`),
  );
  const broken = streams.filter(({ mismatches }) => mismatches.length > 0).map(({ stream }) => `stream ${stream}`);
  const wrong = [...hashes, ...broken];
  if (wrong.length === 0) return;
  throw new CliError(
    'EVIDENCE_DIFFERS',
    `${wrong.join(', ')} is not what was recorded; find out with \`towpath verify\` what was changed, and when.`,
  );
}
