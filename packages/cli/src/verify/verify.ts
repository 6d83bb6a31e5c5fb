import { readFileSync } from 'node:fs';
import { publicKeysOf, type PublicKeys } from '@towpath/event-store/checkpoint';
import { publicKeyIn } from '@towpath/event-store/checkpoint-keys';
import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import { nothingVerified, type Finding, type Verified } from '@towpath/event-store/verify-stores';
import type { Addresses } from '../addresses.js';
import { CannotCheck, UsageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { failureOf } from '../error-line.js';
import { archiveFolder, databaseUrl } from '../local/service-environment.js';
import { harmless } from '../readable.js';
import { anchorOf, storesOf, verifyPlatform, type Anchor, type VerifyTarget } from './verify-platform.js';

export interface VerifyOptions {
  readonly stream?: string;
  readonly service?: string;
  /** holds all that topics have against the stores */
  readonly topics?: boolean;
  /** the archive's folder; true: that of the home */
  readonly archive?: string | true;
  /** file with the public key to believe, instead of those in the database */
  readonly key?: string;
}

const PROGRESS_MS = 5_000;
/** Lines for people; a count follows. With --json every finding is a line. */
const LINES_MAX = 100;

/**
 * Holds the stores against the signed checkpoints, the chains and the topics. Ends with exit code 0 when all is as it was and 1
 * when not. Throws USAGE, CANNOT_CHECK.
 */
export async function verify(context: Context, addresses: Addresses, options: VerifyOptions): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const keys = options.key === undefined ? undefined : keysIn(options.key);
    const schema = options.service === undefined ? undefined : await schemaNamed(inspector, options.service);
    const target: VerifyTarget = {
      inspector,
      brokers: addresses.brokers,
      ...(schema !== undefined && { schemas: [schema] }),
      ...(options.stream !== undefined && { stream: options.stream }),
      ...(options.archive !== undefined && {
        archive: options.archive === true ? archiveFolder(addresses.home) : options.archive,
      }),
      ...(options.topics !== undefined && { allTopics: options.topics }),
      ...(keys && { keys }),
      verified: nothingVerified(),
    };
    await show(context, target, await anchorOf(target));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code, message } = failureOf(error);
    throw new CannotCheck(code, message);
  } finally {
    await inspector.close();
  }
}

async function show(context: Context, target: VerifyTarget, anchor: Anchor): Promise<void> {
  const verified = target.verified ?? nothingVerified();
  const startedAt = performance.now();
  const progress = setInterval(() => context.note(progressText(verified)), PROGRESS_MS);
  const counts = new Map<string, number>();
  let findings = 0;
  try {
    for await (const finding of verifyPlatform({ ...target, verified }, anchor)) {
      findings += 1;
      counts.set(finding.reason, (counts.get(finding.reason) ?? 0) + 1);
      if (context.json || findings <= LINES_MAX) context.show(context.colors.red(findingText(finding)), { finding });
    }
  } finally {
    clearInterval(progress);
  }
  if (target.stream !== undefined && verified.events === 0 && findings === 0)
    throw new UsageError(`no store has a stream "${target.stream}"; \`towpath trace ID\` shows those of a story.`);
  const ms = Math.round(performance.now() - startedAt);
  const verdict = { ok: findings === 0, findings, reasons: Object.fromEntries(counts), ...verified, ms };
  const last = anchor.last && { number: anchor.last.number, signedAt: anchor.last.signedAt, keyId: anchor.last.keyId };
  context.show(verdictText(context, verdict, anchor), { verdict: { ...verdict, lastCheckpoint: last ?? null } });
  if (findings > 0) process.exitCode = 1;
}

function verdictText(
  { colors }: Context,
  verdict: Verified & { ok: boolean; findings: number; reasons: Readonly<Record<string, number>>; ms: number },
  { last }: Anchor,
): string {
  const { events, streams, covered, checkpoints, published, ms, findings } = verdict;
  const rate = Math.round((events + covered) / Math.max(ms / 1_000, 0.001));
  const looked =
    `${events} events in ${streams} streams, ${covered} of them under ${checkpoints} checkpoints` +
    (last ? ` (the last, ${last.number}, of ${last.signedAt})` : '; none was signed yet') +
    `, ${published} records of topics; ${(ms / 1_000).toFixed(1)} s, ${rate} rows/s`;
  if (verdict.ok) return `${colors.green('ok')}: ${looked}`;
  const reasons = Object.entries(verdict.reasons).map(([reason, count]) => `${count} ${reason}`);
  const more = findings > LINES_MAX ? `; the first ${LINES_MAX} are shown, --json shows all` : '';
  return `${colors.red('TAMPERED')}: ${findings} findings (${reasons.join(', ')})${more}; ${looked}`;
}

export function findingText({
  reason,
  schema,
  stream,
  version,
  position,
  eventId,
  checkpoint,
  detail,
}: Finding): string {
  const place = [
    schema,
    stream === undefined ? undefined : `${harmless(stream)}${version === undefined ? '' : ` version ${version}`}`,
    position === undefined ? undefined : `position ${position}`,
    eventId === undefined ? undefined : `event ${eventId}`,
    checkpoint === undefined ? undefined : `checkpoint ${checkpoint}`,
  ].filter((part) => part !== undefined);
  return `${reason.padEnd(10)}  ${place.join('  ')}  ${harmless(detail)}`;
}

function progressText({ events, covered, checkpoints, published }: Verified): string {
  return `${covered} events held against ${checkpoints} checkpoints, ${events} against their chains, ${published} records of topics`;
}

async function schemaNamed(inspector: Inspector, service: string): Promise<string> {
  const stores = await storesOf(inspector);
  const schema = service.replaceAll('-', '_');
  if (stores.includes(schema)) return schema;
  throw new UsageError(`no service "${service}" has a store; there are ${stores.join(', ')}.`);
}

/** The key of a file that `towpath audit key` wrote. Throws USAGE. */
export function keysIn(file: string): PublicKeys {
  try {
    return publicKeysOf([publicKeyIn(readFileSync(file, 'utf8'))]);
  } catch (error) {
    throw new UsageError(
      `${file} holds no Ed25519 public key in PEM (${(error as Error).message}); \`towpath audit key\` writes one.`,
    );
  }
}
