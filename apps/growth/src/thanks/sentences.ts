import type { NoteFacts } from './note-facts.js';

/** A sentence of a note that is true of some purchases. */
export interface Sentence {
  readonly id: string;
  readonly part: 'thanks' | 'history' | 'items' | 'end';
  isTrue(facts: NoteFacts): boolean;
  text(facts: NoteFacts): string;
}

const always = (): boolean => true;
const FOR_LONG_DAYS = 180;
const SOON_DAYS = 30;

/** Every sentence there is; of each part the first that is true is the most particular. */
export const SENTENCES: readonly Sentence[] = [
  {
    id: 'thanks-first',
    part: 'thanks',
    isTrue: ({ earlier }) => earlier === 0,
    text: () => 'Thank you for your first order with us.',
  },
  {
    id: 'thanks-many',
    part: 'thanks',
    isTrue: ({ earlier }) => earlier >= 4,
    text: ({ earlier }) =>
      `This is your order number ${earlier + 1} with us: thank you for coming back again and again.`,
  },
  {
    id: 'thanks-again',
    part: 'thanks',
    isTrue: ({ earlier }) => earlier > 0,
    text: () => 'Thank you for ordering with us again.',
  },
  { id: 'thanks-order', part: 'thanks', isTrue: always, text: ({ orderId }) => `Thank you for your order ${orderId}.` },
  {
    id: 'history-same',
    part: 'history',
    isTrue: ({ again }) => again.length > 0,
    text: () => 'You chose something again that you know from us already; we are glad that it was right for you.',
  },
  {
    id: 'history-long',
    part: 'history',
    isTrue: ({ daysSince }) => daysSince !== null && daysSince >= FOR_LONG_DAYS,
    text: () => 'It is good to see you again after a while.',
  },
  {
    id: 'history-soon',
    part: 'history',
    isTrue: ({ daysSince }) => daysSince !== null && daysSince <= SOON_DAYS,
    text: () => 'It is good to see you again so soon.',
  },
  {
    id: 'items',
    part: 'items',
    isTrue: ({ itemsText }) => itemsText !== '',
    text: ({ itemsText }) => `We hope that you enjoy what you chose: ${itemsText}.`,
  },
  {
    id: 'items-many',
    part: 'items',
    isTrue: ({ pieces }) => pieces >= 5,
    text: ({ pieces }) => `All ${pieces} pieces of your order are on their way.`,
  },
  {
    id: 'end-first',
    part: 'end',
    isTrue: ({ earlier }) => earlier === 0,
    text: () => 'If anything is not as you expected it, just answer this mail: a person reads it.',
  },
  { id: 'end', part: 'end', isTrue: always, text: () => 'If anything is not right, just answer this mail.' },
];

const PARTS = ['thanks', 'history', 'items', 'end'] as const;

/** The sentences that are true of a purchase. */
export function trueOf(facts: NoteFacts): readonly Sentence[] {
  return SENTENCES.filter((sentence) => sentence.isTrue(facts));
}

/** One sentence of each part that has any, the most particular: what is written without a model. */
export function mostParticular(facts: NoteFacts): readonly string[] {
  return PARTS.flatMap((part) => trueOf(facts).find((sentence) => sentence.part === part)?.id ?? []);
}

/** Why these can not be a note about this purchase; undefined when they can. */
export function problemOf(ids: readonly string[], facts: NoteFacts): string | undefined {
  const known = trueOf(facts);
  const chosen = ids.map((id) => known.find((sentence) => sentence.id === id));
  if (chosen.some((one) => one === undefined)) return 'NOT_TRUE';
  const parts = chosen.map((one) => one!.part);
  if (new Set(parts).size !== parts.length) return 'PART_TWICE';
  return parts[0] === 'thanks' && parts.at(-1) === 'end' ? undefined : 'INCOMPLETE';
}

/** The paragraphs of a note of these sentences. */
export function paragraphsOf(ids: readonly string[], facts: NoteFacts): string[] {
  return ids.flatMap((id) => SENTENCES.find((sentence) => sentence.id === id)?.text(facts) ?? []);
}
