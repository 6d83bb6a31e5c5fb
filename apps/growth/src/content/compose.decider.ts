import type { Library, Opening, Piece, When } from './pieces.js';
import type { ContentDraft, ContentQuestion } from './question.js';

const BODIES_MAX = 3;

/** The pieces that fit a lead, the most particular first. */
export interface Fitting {
  readonly opening: Opening;
  readonly bodies: readonly Piece[];
  readonly closing: Piece;
}

/** Chooses what to write by what is known: a piece that asks for more, and gets it, goes before one that fits many. */
export function fitting(question: ContentQuestion, { openings, bodies, closings }: Library): Fitting {
  const particular = (pieces: readonly Piece[]) => bestFirst(pieces, question).filter(({ when }) => !isForAll(when));
  const own = particular(bodies).slice(0, BODIES_MAX);
  return {
    opening: bestFirst(openings, question)[0] ?? openings.at(-1)!,
    bodies: own.length > 0 ? own : bestFirst(bodies, question).slice(0, 1),
    closing: bestFirst(closings, question)[0]!,
  };
}

/** The draft of the approved pieces, word for word. */
export function compose({ opening, bodies, closing }: Fitting): ContentDraft {
  const pieces = [opening, ...bodies, closing];
  return {
    subject: opening.subject,
    paragraphs: pieces.map(({ text }) => text),
    cited: pieces.map(({ id, version }) => ({ id, version })),
    words: 'library',
  };
}

function bestFirst<P extends Piece>(pieces: readonly P[], question: ContentQuestion): P[] {
  return pieces
    .map((piece) => ({ piece, matches: matchesOf(piece.when, question) }))
    .filter(({ matches }) => matches !== undefined)
    .sort((one, other) => other.matches! - one.matches!)
    .map(({ piece }) => piece);
}

/** How many conditions a lead meets; undefined when it fails one. */
function matchesOf(when: When, question: ContentQuestion): number | undefined {
  const { kinds, codes, interests, domains, seniorities, grades, employeesFrom } = when;
  const conditions = [
    kinds?.includes(question.kind),
    codes?.includes(question.code),
    interests?.some((one) => question.interests.includes(one)),
    domains?.includes(question.domain),
    seniorities?.includes(question.seniority),
    grades?.includes(question.grade),
    employeesFrom === undefined ? undefined : (question.employees ?? 0) >= employeesFrom,
  ].filter((one) => one !== undefined);
  return conditions.every(Boolean) ? conditions.length : undefined;
}

function isForAll(when: When): boolean {
  return Object.keys(when).length === 0;
}
