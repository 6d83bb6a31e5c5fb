import type { DraftSentence } from './draft/evidence.js';
import type { Trait } from './draft/plain-text.js';

/** What decides whether a reply goes out without a person. */
export interface DispositionInput {
  readonly intent: string;
  /** how sure triage is, 0 to 1 */
  readonly confidence: number;
  readonly specialist: string;
  /** whether the macro of the intent is in the draft */
  readonly answersIntent: boolean;
  readonly traits: readonly Trait[];
  /** null when the source does not tell who wrote */
  readonly authorVerified: boolean | null;
  readonly sentences: readonly DraftSentence[];
  readonly decidedBy: string;
}

export interface AutoSend {
  readonly intents: readonly string[];
  readonly confidenceMin: number;
}

export interface Disposition {
  readonly disposition: 'send' | 'review';
  /** why a person has to look; empty for `send` */
  readonly reasons: readonly string[];
}

/** A number of an order; whatever is longer is the customer's own words, which go out only when a person has read them. */
const QUOTED_CHARS_MAX = 24;

/**
 * A reply goes out by itself only when everything speaks for it: an allowed intent, classified surely, a message with nothing
 * unusual, and sentences that the team wrote. Whatever is missing is a reason for a review.
 */
export function dispositionOf(input: DispositionInput, allowed: AutoSend): Disposition {
  const { intent, confidence, specialist, traits, authorVerified, answersIntent, decidedBy } = input;
  const reasons = [
    ...(allowed.intents.includes(intent) ? [] : [`intent ${intent} is not answered without a person`]),
    // Written so that NaN is no confidence.
    ...(confidence >= allowed.confidenceMin && confidence <= 1
      ? []
      : [`confidence ${confidence.toFixed(2)} is below ${allowed.confidenceMin}`]),
    ...(specialist === 'fraud' ? ['fraud is not answered without a person'] : []),
    ...(answersIntent ? [] : ['the draft does not answer the intent']),
    ...(authorVerified === false ? ['nobody vouches for the address of the sender'] : []),
    ...traits.map((trait) => `unusual message: ${trait}`),
    ...(quotes(input.sentences) ? ['it repeats words of the customer'] : []),
    ...(decidedBy === 'analyst' || isTeamsOwn(input.sentences) ? [] : ['a model wrote it on the words of a customer']),
  ];
  return { disposition: reasons.length === 0 ? 'send' : 'review', reasons };
}

function quotes(sentences: readonly DraftSentence[]): boolean {
  return sentences.some(({ sources }) =>
    sources.some(({ kind, start, end }) => kind === 'message' && end - start > QUOTED_CHARS_MAX),
  );
}

/** Every sentence stands on macros or history alone. */
function isTeamsOwn(sentences: readonly DraftSentence[]): boolean {
  return sentences.every(({ sources }) => sources.length > 0 && sources.every(({ kind }) => kind !== 'message'));
}
