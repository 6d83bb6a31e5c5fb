import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeliveryBytesKept } from '@towpath/contracts/triage/DeliveryBytesKept.v1';
import { readArchiveFile } from '@towpath/event-store/archive/archive-file';
import { bundleText, type BundledCheckpoint } from '@towpath/event-store/audit/bundle';
import { checkBundle } from '@towpath/event-store/audit/check-bundle';
import { placeKey, provePositions, type Proved } from '@towpath/event-store/audit/prove-positions';
import { storyRows, type StoryRow } from '@towpath/event-store/audit/story-rows';
import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import { textRowsOf } from '@towpath/event-store/text-rows';
import { checkpointRecords } from '@towpath/kafka/checkpoints';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { originalOf } from '../deliveries/original.js';
import { archiveFolder, databaseUrl } from '../local/service-environment.js';
import { masked, type View } from '../reveal/mask.js';
import { withView, type RevealOptions } from '../reveal/reveal.js';
import { findStories } from '../trace/find-stories.js';
import { anchorOf, clientOf, storesOf, type Anchor, type VerifyTarget } from '../verify/verify-platform.js';

export interface ExportOptions extends RevealOptions {
  readonly out?: string;
}

/** A checkpoint is signed every minute while events come. */
const WAIT_MS_MAX = 150_000;
const LOOK_MS = 5_000;

/**
 * Writes a bundle that proves the stories of an id by itself: every event over all stores with its proof, the checkpoints, the keys, and with
 * `--reveal` the bytes that came in. Waits until a checkpoint covers all of it. Throws STORY_NOT_FOUND, NOT_SIGNED_YET, NOT_PROVABLE,
 * EXPORT_EXISTS, and what `withView` throws.
 */
export async function exportBundle(
  context: Context,
  addresses: Addresses,
  id: string,
  options: ExportOptions,
): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  const file = options.out ?? `audit-${id.replaceAll(/[^\w.-]/g, '_')}.json`;
  try {
    const rows = await rowsOf(inspector, addresses, id);
    const proved = await proofsOf(context, { inspector, brokers: addresses.brokers }, rows);
    const revealed = await withView(context, addresses, `audit bundle of ${id}`, options, (view) =>
      view === masked ? Promise.resolve([]) : bytesOf(addresses, rows, view),
    );
    const text = bundleText({
      format: 'towpath-audit-bundle/1',
      id,
      stories: storiesOf(rows),
      keys: proved.keys,
      checkpoints: proved.checkpoints,
      events: rows.map((row) => ({ ...row, proof: proved.of(row).proof })),
      revealed,
    });
    const [fault] = checkBundle(text).faults;
    if (fault) throw notProvable(`${fault.place}: ${fault.detail}`);
    write(file, text);
    context.show(
      `${file}: ${rows.length} events of ${storiesOf(rows).length} stories, ${proved.checkpoints.length} checkpoints, the bytes of ${revealed.length} deliveries; ` +
        `check it anywhere: towpath verify --bundle ${file}`,
      {
        file,
        events: rows.length,
        stories: storiesOf(rows),
        checkpoints: proved.checkpoints.length,
        revealed: revealed.length,
      },
    );
  } finally {
    await inspector.close();
  }
}

async function rowsOf(inspector: Inspector, { home }: Addresses, id: string): Promise<StoryRow[]> {
  const stories = (await findStories(inspector, id)).map(({ correlationId }) => correlationId);
  const rows = await storyRows(
    textRowsOf(inspector.client),
    await storesOf(inspector),
    stories.length > 0 ? stories : [id],
    (file, sha256) => readArchiveFile(archiveFolder(home), file, sha256),
  );
  if (rows.length > 0) return rows;
  throw new CliError('STORY_NOT_FOUND', `no store knows ${id}; give the id of a delivery, event, payment or story.`);
}

interface Proofs {
  readonly keys: Readonly<Record<string, string>>;
  readonly checkpoints: readonly BundledCheckpoint[];
  of(row: StoryRow): Proved;
}

async function proofsOf(context: Context, target: VerifyTarget, rows: readonly StoryRow[]): Promise<Proofs> {
  const anchor = await coveringAnchor(context, target, rows);
  const wanted = new Set(rows.map(({ schema, position }) => placeKey(schema, position)));
  const records = checkpointRecords(clientOf(target.brokers), anchor.log);
  const proofs = await provePositions(records, anchor.keys, wanted, anchor.last!.baseline);
  const of = (row: StoryRow): Proved => {
    const proved = proofs.get(placeKey(row.schema, row.position));
    if (!proved) throw notProvable(`${row.schema} ${row.stream} version ${row.version} is under no checkpoint`);
    return proved;
  };
  const signed = new Map(rows.map((row) => [of(row).proof.checkpoint, of(row).signed]));
  const ids = [...new Set([...signed.values()].map(({ keyId }) => keyId))];
  return {
    keys: Object.fromEntries(ids.map((id) => [id, anchor.keys.get(id)?.toString('hex') ?? ''])),
    checkpoints: [...signed]
      .sort(([one], [other]) => one - other)
      .map(([, { statement, signature, keyId }]) => ({
        ...{ statement, signature: signature.toString('base64'), keyId },
      })),
    of,
  };
}

/** The last checkpoint, once it covers every transaction of the rows. */
async function coveringAnchor(context: Context, target: VerifyTarget, rows: readonly StoryRow[]): Promise<Anchor> {
  const newest = rows.map(({ xact }) => BigInt(xact)).reduce((one, other) => (one > other ? one : other));
  const deadline = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const anchor = await anchorOf(target);
    if (anchor.last && BigInt(anchor.last.before) > newest) return anchor;
    if (Date.now() > deadline) {
      throw new CliError(
        'NOT_SIGNED_YET',
        `no checkpoint covers the newest of these events after ${WAIT_MS_MAX / 1_000} s; see \`towpath relay status\`.`,
      );
    }
    context.note('waits for the checkpoint that covers the newest of these events; one is signed every minute');
    await sleep(LOOK_MS);
  }
}

/** The bytes of each delivery of the stories, from triage's encrypted copy, else from the topic; none of an erased person. */
async function bytesOf(addresses: Addresses, rows: readonly StoryRow[], view: View) {
  const revealed: { deliveryId: string; body: string }[] = [];
  const recorded = rows.filter(({ data }) => typeof (data as { sha256?: unknown }).sha256 === 'string');
  for (const deliveryId of new Set(recorded.map(({ data }) => (data as { deliveryId: string }).deliveryId))) {
    const kept = rows.find(
      ({ type, data }) => type === DeliveryBytesKept.type && (data as { deliveryId: string }).deliveryId === deliveryId,
    );
    const { body } = (
      kept
        ? await view(kept.type, kept.data)
        : await view('webhooks.v1.WebhookReceived', await originalOf(addresses, deliveryId))
    ) as { body: string | Buffer };
    if (body !== 'erased') revealed.push({ deliveryId, body: Buffer.from(body as string).toString('base64') });
  }
  return revealed;
}

function storiesOf(rows: readonly StoryRow[]): string[] {
  return [...new Set(rows.map(({ metadata }) => metadata.correlationId))].sort();
}

function notProvable(detail: string): CliError {
  return new CliError(
    'NOT_PROVABLE',
    `${detail}; run \`towpath verify\` to see what was changed. Nothing was written.`,
  );
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw new CliError('EXPORT_FAILED', `${file}: ${message}`);
    throw new CliError('EXPORT_EXISTS', `${file} is there already; give another name with --out, or remove it first.`);
  }
}
