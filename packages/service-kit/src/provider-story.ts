import { createHmac, timingSafeEqual } from 'node:crypto';
import { HOPS_MAX } from './pipeline/loop-guard.decider.js';

/** Where what a provider reports of our own effect stands: it continues the story of the command that asked for the effect. */
export interface ProviderStory {
  readonly correlationId: string;
  /** `ce_id` of the command */
  readonly causationId: string;
  /** length of the causal chain, the provider's step included */
  readonly hops: number;
  /** oldest first, the provider's step last */
  readonly path: readonly string[];
}

/** The names under which it stands in an object's metadata at the provider. */
const NAMES = {
  correlationId: 'towpath_correlation_id',
  effectId: 'towpath_effect_id',
  causationId: 'towpath_causation_id',
  hops: 'towpath_hops',
  path: 'towpath_path',
  signature: 'towpath_signature',
} as const;

/** Stripe takes 50 values of at most 500 characters. */
const VALUE_CHARS_MAX = 500;
const PATH_VALUES_MAX = 4;

type Metadata = Readonly<Record<string, unknown>>;

/**
 * The metadata that an effect gives to the object it makes or changes. With a key story, hops and path are signed together with the
 * object's id: nobody else can make or change them, and copied to another object they count for nothing.
 * @param subject id of the payment, charge or account that the effect acts on
 * @param key shared by egress and ingress; without it only the two ids for people stand there
 */
export function metadataOf(
  story: ProviderStory,
  effectId: string,
  subject: string,
  key: string | undefined,
): Record<string, string> {
  const ids = { [NAMES.correlationId]: story.correlationId, [NAMES.effectId]: effectId };
  if (key === undefined) return ids;
  const paths = pathValues(story.path);
  const kept = { ...story, path: paths.flatMap(stepsIn) };
  return {
    ...ids,
    [NAMES.causationId]: story.causationId,
    [NAMES.hops]: String(story.hops),
    ...Object.fromEntries(paths.map((value, index) => [pathName(index), value])),
    [NAMES.signature]: signatureOf(kept, effectId, subject, key).toString('base64url'),
  };
}

/** The story that metadata carries, when it was signed with the key for one of these objects; undefined for anything else. */
export function storyIn(
  metadata: Metadata,
  subjects: readonly string[],
  key: string,
): (ProviderStory & { readonly effectId: string }) | undefined {
  const text = (name: string): string => (typeof metadata[name] === 'string' ? metadata[name] : '');
  const signature = Buffer.from(text(NAMES.signature), 'base64url');
  const hops = /^\d{1,4}$/.test(text(NAMES.hops)) ? Number(text(NAMES.hops)) : undefined;
  if (hops === undefined) return undefined;
  const paths = Array.from({ length: PATH_VALUES_MAX }, (_, index) => text(pathName(index)));
  const story = {
    correlationId: text(NAMES.correlationId),
    causationId: text(NAMES.causationId),
    hops,
    path: paths.flatMap(stepsIn),
  };
  const effectId = text(NAMES.effectId);
  const isOurs = subjects.some((subject) => isSame(signature, signatureOf(story, effectId, subject, key)));
  return isOurs ? { ...story, effectId } : undefined;
}

/** The newest steps, as many as fit. */
function pathValues(path: readonly string[]): string[] {
  const values: string[][] = [[]];
  let chars = 0;
  for (const step of path.slice(-HOPS_MAX).reverse()) {
    if (chars + step.length + 1 > VALUE_CHARS_MAX) {
      if (values.length === PATH_VALUES_MAX) break;
      values.push([]);
      chars = 0;
    }
    values.at(-1)!.push(step);
    chars += step.length + 1;
  }
  return values.reverse().map((steps) => steps.reverse().join(','));
}

function stepsIn(value: string): string[] {
  return value === '' ? [] : value.split(',');
}

function pathName(index: number): string {
  return index === 0 ? NAMES.path : `${NAMES.path}_${index + 1}`;
}

function signatureOf(story: ProviderStory, effectId: string, subject: string, key: string): Buffer {
  const { correlationId, causationId, hops, path } = story;
  const signed = JSON.stringify(['towpath.story.1', subject, effectId, correlationId, causationId, hops, path]);
  return createHmac('sha256', key).update(signed).digest();
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
