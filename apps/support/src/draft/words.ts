const EVERYDAY = new Set(
  (
    'a about after again all also am an and any are as at be because been but by can cannot could did do does doing done for from get got had has have he hello ' +
    'her here hi him his how i if in into is it its just let like ll may me more most much must my need no not now of off on one or our out over please re really she ' +
    'so some such than thank thanks that the their them then there these they this those to too up us ve very want was way we were what when where which while who why ' +
    'will with would yes yet you your dear team support regards best still since today yesterday tomorrow'
  ).split(' '),
);

/** The words that say what a text is about: lower case, without everyday words, without endings. */
export function contentWords(text: string): string[] {
  const words =
    text
      .toLowerCase()
      .normalize('NFKC')
      .replace(/['’]/g, '')
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !EVERYDAY.has(word)).map(stem);
}

/** Drops the commonest English endings: the first step of M. F. Porter, "An algorithm for suffix stripping" (1980), and nothing finer. */
export function stem(word: string): string {
  if (word.length <= 3 || /\d/.test(word)) return word;
  const single = word
    .replace(/(?:sses)$/, 'ss')
    .replace(/ies$/, 'y')
    .replace(/([^s])s$/, '$1');
  const bare = single.replace(/(?<=[aeiouy][a-z]{1,20})(?:ing|ed)$/, '');
  const undoubled = bare === single ? bare : bare.replace(/([bdfgmnprt])\1$/, '$1');
  return undoubled.replace(/e$/, '');
}

/** Numbers, links and addresses in a text: what must never be made up. */
export function exactParts(text: string): string[] {
  const links = text.match(/(?:https?:\/\/|www\.)\S{1,500}|\S{1,100}@\S{1,100}/gi) ?? [];
  const numbers = text.match(/\d+(?:[.,:]\d+)*/g) ?? [];
  return [...links, ...numbers].map((part) => part.replace(/[.,:;!?)]+$/, '').toLowerCase());
}

/** The sentences of a text with their offsets; a line is a sentence, too. */
export function sentencesOf(text: string): { readonly text: string; readonly start: number; readonly end: number }[] {
  const found: { text: string; start: number; end: number }[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const ends = at === text.length || text[at] === '\n' || isStop(text, at);
    if (!ends) continue;
    const end = at < text.length && text[at] !== '\n' ? at + 1 : at;
    const raw = text.slice(start, end);
    const trimmed = raw.trim();
    const from = start + raw.indexOf(trimmed);
    if (trimmed !== '') found.push({ text: trimmed, start: from, end: from + trimmed.length });
    start = at + 1;
  }
  return found;
}

function isStop(text: string, at: number): boolean {
  return /[.!?]/.test(text[at]!) && (at + 1 === text.length || /\s/.test(text[at + 1]!));
}
