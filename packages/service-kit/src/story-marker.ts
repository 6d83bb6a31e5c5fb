import { hash } from 'node:crypto';

const OPENING = '<!-- towpath:';

/**
 * Markdown with our metadata in a comment that GitHub keeps and does not show. A text that holds something like our marker
 * loses it: only what stands at the very end is ours.
 */
export function markedBody(body: string, marks: Readonly<Record<string, string>>): string {
  return `${body.replaceAll(OPENING, '<!-- ')}\n\n${OPENING}${marker(marks)} -->`;
}

/** The metadata at the end of a comment; empty when it is none of ours. */
export function marksIn(body: string): Readonly<Record<string, unknown>> {
  const text = /<!-- towpath:([A-Za-z0-9_-]{1,8000}) -->\s*$/.exec(body)?.[1];
  return text === undefined ? {} : marksOf(text);
}

/** Our metadata as one word, for a field that holds text. */
export function marker(marks: Readonly<Record<string, string>>): string {
  return Buffer.from(JSON.stringify(marks)).toString('base64url');
}

/** The metadata of such a word; empty when it is none of ours. */
export function marksOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const marks: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return typeof marks === 'object' && marks !== null ? (marks as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/**
 * What marks are signed for that stay where they are left while others write beside them: the object and the text that was written with
 * them. White space does not count, for providers put their own.
 */
export function withText(subject: string, text: string): string {
  return `${subject} ${hash('sha256', text.replaceAll(/\s+/g, ' ').trim(), 'hex')}`;
}
