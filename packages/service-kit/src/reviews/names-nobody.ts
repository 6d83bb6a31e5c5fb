const NAMING: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['an e-mail address', /[^\s@]+@[^\s@]+\.[^\s@]+/],
  ['a card number', /\b(?:\d[ -]?){14,18}\d\b/],
  ['a telephone number', /\+\d(?:[ .()/-]?\d){7,}/],
];

/** What in a text surely names a person, in words; undefined when nothing does. */
export function namingIn(text: string): string | undefined {
  return NAMING.find(([, pattern]) => pattern.test(text))?.[0];
}
