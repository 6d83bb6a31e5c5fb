const ESCAPES: readonly (readonly [character: string, entity: string])[] = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
];

/** Plain text as the body of a part, which Intercom reads as HTML: nothing in it becomes markup. */
export function asPart(text: string): string {
  const escaped = ESCAPES.reduce((done, [character, entity]) => done.replaceAll(character, entity), text);
  return escaped.replace(/\r?\n/g, '<br>');
}

/** The words of a part, however Intercom wraps and spaces them. */
export function partText(body: string): string {
  const words = body.replace(/<[^>]*>/g, ' ');
  const plain = [...ESCAPES].reverse().reduce((done, [character, entity]) => done.replaceAll(entity, character), words);
  return plain.replaceAll('&nbsp;', ' ').replaceAll('&#39;', "'").replace(/\s+/g, ' ').trim();
}
