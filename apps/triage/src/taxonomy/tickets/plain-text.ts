/** What is kept of a message. */
export const BODY_CHARS_MAX = 32_768;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  rsquo: '’',
  lsquo: '‘',
  euro: '€',
  pound: '£',
};
/** Elements after which a new line begins. */
const BLOCK = /^(?:p|div|br|li|ul|ol|tr|table|blockquote|h[1-6]|pre|hr)$/;
/** Elements whose content is no text. */
const UNSHOWN = /^(?:script|style|head|title|template)$/;

/** The text of HTML, in one pass: tags and what is never shown are dropped, blocks become lines. Nothing in it is interpreted. */
export function textOfHtml(html: string): string {
  let text = '';
  let position = 0;
  while (position < html.length) {
    const open = html.indexOf('<', position);
    if (open === -1) return tidy(text + decoded(html.slice(position)));
    text += decoded(html.slice(position, open));
    if (html.startsWith('<!--', open)) {
      position = after(html, '-->', open);
      continue;
    }
    const close = html.indexOf('>', open);
    const name = /^<\/?([a-zA-Z][a-zA-Z0-9]{0,15})/.exec(html.slice(open, open + 20))?.[1]?.toLowerCase();
    // A `<` that begins no tag is text.
    if (name === undefined || close === -1) {
      text += '<';
      position = open + 1;
      continue;
    }
    if (BLOCK.test(name)) text += '\n';
    position = close + 1;
    if (UNSHOWN.test(name) && html[open + 1] !== '/') position = after(html, `</${name}`, position, true);
  }
  return tidy(text);
}

/** True when a text holds a tag, so that it is to be read as HTML. */
export function looksLikeHtml(text: string): boolean {
  return /<(?:p|div|br|html|body|table|span|a|ul|blockquote)(?:\s[^<>]{0,1000})?\/?>/i.test(text);
}

/** What the author wrote, without what mail programs quote of earlier messages; everything when all of it is quoted. */
export function withoutQuotes(text: string): string {
  const lines = text.split('\n');
  const cut = lines.findIndex((line, index) => index > 0 && beginsQuote(line, lines[index + 1] ?? ''));
  const own = (cut === -1 ? lines : lines.slice(0, cut))
    .filter((line) => !line.startsWith('>'))
    .join('\n')
    .trim();
  return own === '' ? text.trim() : own;
}

/** Without characters that can't be stored, and cut at a whole character. */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed().slice(0, BODY_CHARS_MAX).toWellFormed();
}

const ORIGINAL = /^(?:-{2,} ?(?:Original Message|Forwarded message|Ursprüngliche Nachricht) ?-{2,}|_{20,})\s*$/i;

function beginsQuote(line: string, next: string): boolean {
  if (line.length > 300) return false;
  if (ORIGINAL.test(line)) return true;
  if (/^From: \S/.test(line) && /^(?:Sent|Date|To): \S/.test(next)) return true;
  const wrote = line.startsWith('On ') || line.startsWith('Am ') || line.startsWith('Le ');
  return wrote && (/(?:wrote|schrieb|écrit) ?:\s*$/.test(line) || /^.{0,200}(?:wrote|schrieb|écrit) ?:\s*$/.test(next));
}

function after(text: string, end: string, from: number, ignoringCase = false): number {
  const at = ignoringCase ? indexIgnoringCase(text, end, from) : text.indexOf(end, from);
  return at === -1 ? text.length : at + (ignoringCase ? 0 : end.length);
}

function indexIgnoringCase(text: string, end: string, from: number): number {
  const pattern = new RegExp(end, 'gi');
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}

function decoded(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name as string] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function tidy(text: string): string {
  const lines = text.split('\n').map((line) => line.replaceAll(/[ \t\r\u00a0]+/g, ' ').trim());
  return lines
    .filter((line, index) => line !== '' || (lines[index - 1] ?? '') !== '')
    .join('\n')
    .trim();
}
