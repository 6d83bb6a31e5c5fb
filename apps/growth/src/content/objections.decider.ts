import type { Fitting } from './compose.decider.js';

export interface Objection {
  readonly code: 'LINK' | 'NUMBER' | 'PROMISE' | 'TOO_LONG' | 'MARKUP';
  readonly detail: string;
}

const CHARS_MAX = 2_000;
const LINK = /\bhttps?:|\bwww\.|@|\b[a-z0-9-]+\.(com|net|org|io|de|eu|app|dev|info|biz)\b/i;
const PROMISE =
  /\b(guarantee[ds]?|promise[ds]?|for free|free of charge|no cost|discount|refund|legally|we will pay|price of|percent off)\b/i;

/**
 * Why a model's words may not be shown to anybody as a draft: they hold what no approved piece says. What is left is still read by a
 * person before it goes out.
 */
export function objectionsTo(paragraphs: readonly string[], { opening, bodies, closing }: Fitting): Objection[] {
  const approved = [opening, ...bodies, closing].map(({ text }) => text).join('\n');
  const text = paragraphs.join('\n');
  const numbers = (text.match(/\d+/g) ?? []).filter((number) => !approved.includes(number));
  return [
    ...(text.length > CHARS_MAX ? [{ code: 'TOO_LONG' as const, detail: `${text.length} characters` }] : []),
    ...(LINK.test(text) ? [{ code: 'LINK' as const, detail: 'an address that no piece has' }] : []),
    ...(numbers.length > 0 ? [{ code: 'NUMBER' as const, detail: 'a number that no piece has' }] : []),
    ...(PROMISE.test(text) && !PROMISE.test(approved) ? [{ code: 'PROMISE' as const, detail: 'a promise' }] : []),
    ...(/[<>\p{Cc}]/u.test(paragraphs.join('')) ? [{ code: 'MARKUP' as const, detail: 'markup' }] : []),
  ];
}
