const ESC = '\\u001b';
const ENDS = `\\u0007|${ESC}\\\\|\\u009c`;
/** CSI, OSC and other escape sequences of terminals (ECMA-48), with the eight-bit forms. */
const ESCAPES = new RegExp(
  `${ESC}\\][^\\u0007\\u001b\\u009c]*(?:${ENDS})?|(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*[@-~]?|${ESC}[ -/]*[0-~]?`,
  'gu',
);
/** Controls but for tab and new line, and what a reader can't see: direction overrides, joiners without effect, tags, noncharacters. */
const UNSEEN = new RegExp(
  // eslint-disable-next-line no-misleading-character-class -- each is looked for by itself
  [
    '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]',
    '[\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b-\\u200c\\u200e-\\u200f\\u2028-\\u202e\\u2060-\\u206f]',
    '[\\u3164\\ufe00-\\ufe0e\\ufeff\\uffa0\\ufff0-\\ufffb]',
    '[\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}]',
  ].join('|'),
  'gu',
);

/** What shows a text: each has marks of its own that must not come alive. */
export type Medium = 'plain' | 'html' | 'slack' | 'markdown';

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * A text as people may see it: nothing that moves a cursor, hides, turns round or is not seen. Line ends become new lines. What two
 * people see in it is the same, and the same again when it is done twice.
 */
export function plainText(text: string): string {
  const lines = text.toWellFormed().replaceAll(/\r\n?/g, '\n');
  let plain = lines.replaceAll(ESCAPES, '').replaceAll(UNSEEN, '');
  // What was taken out may have parted the next sequence.
  for (let last = lines; last !== plain;) [last, plain] = [plain, plain.replaceAll(ESCAPES, '').replaceAll(UNSEEN, '')];
  return plain;
}

/** A text from a model or from outside for a medium, as text and nothing else: no mark-up in it does anything. */
export function asText(text: string, medium: Medium): string {
  const plain = plainText(text);
  switch (medium) {
    case 'plain':
      return plain;
    case 'html':
      return plain.replaceAll(/[&<>"']/g, (mark) => HTML[mark] ?? mark);
    case 'slack':
      return plain.replaceAll(/[&<>]/g, (mark) => HTML[mark] ?? mark);
    case 'markdown':
      return markdown(plain);
  }
}

/** Marks are escaped, and what GitHub links by itself, names of people and issues and bare addresses, is parted by a word joiner. */
function markdown(plain: string): string {
  return plain
    .replaceAll(/[\\`*_{}[\]()<>#+!|~&$-]/g, (mark) =>
      mark === '<' || mark === '>' || mark === '&' ? HTML[mark]! : `\\${mark}`,
    )
    .replaceAll('@', '@\u2060')
    .replaceAll('://', ':\u2060//')
    .replaceAll(/\bwww\./gi, (www) => `${www.slice(0, -1)}\u2060.`);
}
