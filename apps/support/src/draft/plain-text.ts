/** A message as support reads it. */
export interface PlainText {
  /** at most `TEXT_CHARS_MAX` characters, without markup and control characters */
  readonly text: string;
  /** characters of the whole text before it was cut */
  readonly length: number;
  /** what is unusual about it; a message with any of these is never answered without a person */
  readonly traits: readonly Trait[];
}

export type Trait = 'empty' | 'long' | 'html' | 'emoji' | 'not-english' | 'instructions' | 'links' | 'hidden';

/** What support keeps and reads of one message. */
export const TEXT_CHARS_MAX = 16_000;
/** A question that a macro answers is shorter than this. */
const USUAL_CHARS_MAX = 4_000;
const WORDS_TO_JUDGE = 4;
const ENGLISH_SHARE_MIN = 0.15;

/** Characters that nobody sees, and those that turn the direction of the text around. */
const HIDDEN = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]|[\u{e0000}-\u{e007f}]/u;

const ENGLISH = new Set(
  (
    'a about after again all am an and any are as at be because been but by can could did do does for from get had has have he help hello hi how i ' +
    'if in is it just me my need no not of on or our please she so still than that the their them then there they this to today up us was we were what ' +
    'when where which who why will with would you your want cannot dont im ive thanks thank'
  ).split(' '),
);

/** Ways in which text speaks to a program instead of a person; a hit only ever means that a person looks. */
const INSTRUCTIONS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|rules?|prompts?|polic(?:y|ies)|above|previous|prior|guidelines)\b/,
  /\b(?:system|developer|hidden|initial)\s{1,3}(?:prompt|message|instructions?)\b/,
  /\b(?:you are|act as|pretend to be|behave as)\b.{0,30}\b(?:now|an? (?:ai|assistant|admin|agent|bot|model)|administrator|developer mode)\b/,
  /\b(?:ai|assistant|bot|agent|model|llm|chatgpt|gpt)\b.{0,20}\b(?:must|should|shall|has to|needs to|please|:)/,
  /\b(?:approve|refund|execute|call|invoke|transfer|release|unfreeze|grant)\b.{0,40}\b(?:tool|function|yourself|automatically|immediately without|without (?:review|approval|asking))/,
  /\b(?:print|reveal|show|repeat|output|send|forward|exfiltrate)\b.{0,40}\b(?:secrets?|api keys?|tokens?|passwords? of|credentials|prompt|instructions|other customers?)/,
  /(?:<\|[a-z_]{1,20}\|>|\[\/?inst\]|^\s*(?:system|assistant)\s*:|###\s*(?:system|instruction))/m,
  /\b(?:jailbreak|dan mode|do anything now|prompt injection)\b/,
];

/**
 * The words of a message without markup, in time that grows with its length alone, whatever it holds. Never throws.
 */
export function plainText(raw: string): PlainText {
  const bounded = raw.slice(0, 4 * TEXT_CHARS_MAX);
  const isHtml = /<[a-zA-Z!/][^<>]{0,2000}>/.test(bounded);
  const clean = tidy(isHtml ? withoutMarkup(bounded) : bounded);
  const length = raw.length > bounded.length ? Math.max(raw.length, clean.length) : clean.length;
  const text = wholeCharacters(clean.slice(0, TEXT_CHARS_MAX));
  return { text, length, traits: traitsOf(bounded, text, length) };
}

function traitsOf(raw: string, text: string, length: number): Trait[] {
  const lower = text.toLowerCase().normalize('NFKC');
  const words = lower.match(/\p{L}+/gu) ?? [];
  const traits: Trait[] = [];
  if (words.length === 0) traits.push('empty');
  if (length > USUAL_CHARS_MAX) traits.push('long');
  if (/<[a-zA-Z!/]/.test(raw)) traits.push('html');
  if (/\p{Extended_Pictographic}/u.test(raw)) traits.push('emoji');
  if (isForeign(words)) traits.push('not-english');
  if (INSTRUCTIONS.some((pattern) => pattern.test(lower))) traits.push('instructions');
  if (/https?:\/\/|www\./.test(lower)) traits.push('links');
  if (!raw.isWellFormed() || HIDDEN.test(raw)) traits.push('hidden');
  return traits;
}

/** Too few everyday English words, or letters of another script. */
function isForeign(words: readonly string[]): boolean {
  if (words.length === 0) return false;
  const latin = words.filter((word) => /^[\p{Script=Latin}]+$/u.test(word)).length;
  if (latin < 0.9 * words.length) return true;
  if (words.length < WORDS_TO_JUDGE) return false;
  return words.filter((word) => ENGLISH.has(word)).length < ENGLISH_SHARE_MIN * words.length;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
const SILENT = new Set(['script', 'style', 'head', 'title', 'template']);

/** One pass over the characters: an unclosed tag ends the text instead of being searched for again and again. */
function withoutMarkup(html: string): string {
  const parts: string[] = [];
  let silentUntil: string | null = null;
  for (let at = 0; at < html.length;) {
    const open = html.indexOf('<', at);
    if (silentUntil === null) parts.push(html.slice(at, open === -1 ? html.length : open));
    const close = open === -1 ? -1 : html.indexOf('>', open);
    if (close === -1) break;
    const name = /^<\/?\s*([a-zA-Z0-9]*)/.exec(html.slice(open, open + 40))?.[1]?.toLowerCase() ?? '';
    silentUntil = silentAfter(silentUntil, name, html[open + 1] === '/');
    parts.push(/^(?:br|p|div|li|tr|h[1-6])$/.test(name) ? '\n' : ' ');
    at = close + 1;
  }
  return withoutEntities(parts.join(''));
}

/** The element whose content is not shown, after a tag. */
function silentAfter(before: string | null, name: string, closes: boolean): string | null {
  if (before !== null) return closes && name === before ? null : before;
  return !closes && SILENT.has(name) ? name : null;
}

function withoutEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|([a-z]{2,4}));/gi,
    (whole, digits: string | undefined, name: string | undefined) =>
      digits === undefined ? (ENTITIES[name!.toLowerCase()] ?? whole) : character(Number(digits)),
  );
}

function character(code: number): string {
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : ' ';
}

function tidy(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, ' ')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Half of a surrogate pair is no character, and Postgres takes none. */
function wholeCharacters(text: string): string {
  return text.toWellFormed().replace(/\ufffd$/, '');
}
