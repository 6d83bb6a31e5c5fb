import { citations, type DraftSentence, type Evidence } from './evidence.js';
import { contentWords, exactParts } from './words.js';

/** Why a draft is refused: the rule that it breaks, and where. */
export interface Objection {
  readonly code:
    'NOTHING_SAID' | 'TOO_LONG' | 'NOT_PLAIN' | 'UNCITED' | 'SOURCE_UNKNOWN' | 'MADE_UP' | 'UNSUPPORTED' | 'SECRET';
  /** index of the sentence; null when it is about the whole */
  readonly sentence: number | null;
  readonly detail: string;
}

export const DRAFT_CHARS_MAX = 4_000;
const SENTENCES_MAX = 40;
const SOURCES_MAX = 8;
/** Share of a sentence's words that its sources must say: a model may join and shorten, not add. */
const SUPPORT_MIN = 0.7;

/** Keys and tokens by the prefixes that their makers give them, private keys, and numbers as long as a card's. */
const SECRETS: readonly RegExp[] = [
  /\b(?:sk|rk|pk)_(?:live|test)_\w{8,}/i,
  /\bsk-[\w-]{16,}/,
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/,
  /\b(?:ghp|gho|ghs|github_pat|glpat|xox[abpr])[_-]\w{8,}/,
  /\bwhsec_\w{8,}/,
  /\beyJ[\w-]{10,}\.[\w-]{10,}/,
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY/,
  /\b(?:bearer|password|secret|token)\s{0,3}[:=]\s{0,3}\S{6,}/i,
  /(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/,
];

/**
 * Whether a draft may be proposed at all, whoever wrote it: each sentence cites spans that exist, and says nothing that they do
 * not say. Empty when it may. Gives every objection, so that a person sees all of them.
 */
export function objectionsTo(sentences: readonly DraftSentence[], evidence: Evidence): Objection[] {
  const cited = citations(evidence);
  const { greeting, closing } = evidence.macros;
  const frames = new Set([greeting.id, closing.id]);
  const said = sentences.some(({ sources }) => sources.some(({ kind, id }) => kind !== 'macro' || !frames.has(id)));
  const length = sentences.reduce((sum, { text }) => sum + text.length + 1, 0);
  return [
    ...(said ? [] : [about(null, 'NOTHING_SAID', 'it says nothing beside greeting and closing')]),
    ...(length > DRAFT_CHARS_MAX || sentences.length > SENTENCES_MAX
      ? [about(null, 'TOO_LONG', `${length} characters in ${sentences.length} sentences`)]
      : []),
    ...sentences.slice(0, SENTENCES_MAX).flatMap((sentence, index) => objectionsToSentence(sentence, index, cited)),
  ];
}

function objectionsToSentence(
  { text, sources }: DraftSentence,
  index: number,
  cited: ReturnType<typeof citations>,
): Objection[] {
  if (text.trim() === '') return [about(index, 'NOT_PLAIN', 'it is empty')];
  if (/[<>\p{Cc}\p{Cf}]/u.test(text)) return [about(index, 'NOT_PLAIN', 'markup, control or hidden characters')];
  if (SECRETS.some((pattern) => pattern.test(text)))
    return [about(index, 'SECRET', 'it looks like a secret or a card number')];
  if (sources.length === 0) return [about(index, 'UNCITED', 'it cites nothing')];
  if (sources.length > SOURCES_MAX) return [about(index, 'TOO_LONG', `${sources.length} sources`)];
  const texts = sources.map(cited);
  const missing = texts.indexOf(undefined);
  if (missing !== -1) {
    const { kind, id, version, start, end } = sources[missing]!;
    const named = `${kind} ${id.slice(0, 80)}${version === '' ? '' : ` version ${version.slice(0, 20)}`}`;
    return [about(index, 'SOURCE_UNKNOWN', `there is no ${named} with characters ${start} to ${end}`)];
  }
  const known = texts.join(' ');
  const parts = new Set(exactParts(known));
  const invented = exactParts(text).filter((part) => !parts.has(part));
  if (invented.length > 0)
    return [about(index, 'MADE_UP', `${invented.length} numbers, links or addresses are not in its sources`)];
  const share = supportOf(text, known);
  if (share < SUPPORT_MIN) {
    return [
      about(
        index,
        'UNSUPPORTED',
        `its sources say ${Math.round(share * 100)} % of its words, not ${SUPPORT_MIN * 100} %`,
      ),
    ];
  }
  return negations(text) === negations(known) || isVerbatim(text, texts as string[])
    ? []
    : [about(index, 'UNSUPPORTED', 'it denies what its sources do not deny, or the other way round')];
}

/** Share of the content words of `text` that `known` says; 1 when it has none. */
export function supportOf(text: string, known: string): number {
  const words = contentWords(text);
  if (words.length === 0) return 1;
  const said = new Set(contentWords(known));
  return words.filter((word) => said.has(word)).length / words.length;
}

/** The same words with a "not" among them say the contrary. */
function negations(text: string): number {
  return (text.toLowerCase().match(/\b(?:not|no|never|nothing|none|without|cannot|\w+n['’]t)\b/g) ?? []).length;
}

function isVerbatim(text: string, texts: readonly string[]): boolean {
  return texts.some((known) => known.includes(text));
}

function about(sentence: number | null, code: Objection['code'], detail: string): Objection {
  return { code, sentence, detail };
}
