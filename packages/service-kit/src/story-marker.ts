const OPENING = '<!-- towpath:';

/**
 * Markdown with our metadata in a comment that GitHub keeps and does not show. A text that holds something like our marker
 * loses it: only what stands at the very end is ours.
 */
export function markedBody(body: string, marks: Readonly<Record<string, string>>): string {
  const metadata = Buffer.from(JSON.stringify(marks)).toString('base64url');
  return `${body.replaceAll(OPENING, '<!-- ')}\n\n${OPENING}${metadata} -->`;
}

/** The metadata at the end of a comment; empty when it is none of ours. */
export function marksIn(body: string): Readonly<Record<string, unknown>> {
  const metadata = /<!-- towpath:([A-Za-z0-9_-]{1,8000}) -->\s*$/.exec(body)?.[1];
  if (metadata === undefined) return {};
  try {
    const marks: unknown = JSON.parse(Buffer.from(metadata, 'base64url').toString());
    return typeof marks === 'object' && marks !== null ? (marks as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
