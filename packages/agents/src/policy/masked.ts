import { secretForms } from './secrets.js';
import { plainText } from './plain-text.js';

/** What is masked in text that a model may see masked only, in this order. */
const PERSONAL: readonly (readonly [kind: string, form: RegExp, holds?: (found: string) => boolean])[] = [
  ['e-mail', /[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu],
  ['iban', /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g],
  ['card', /\b\d(?:[ -]?\d){12,18}\b/g, isLuhn],
  ['ssn', /\b\d{3}-\d{2}-\d{4}\b/g],
  ['ip', /\b(?:\d{1,3}\.){3}\d{1,3}\b/g],
  ['ip', /\b(?:[0-9a-f]{1,4}:){3,7}(?::?[0-9a-f]{1,4}){1,4}\b/gi],
  ['phone', /(?<![\p{L}\p{N}])(?:\+|00|0)\d(?:[ .()/-]{0,2}\d){6,14}(?!\p{N})/gu],
];

/** Replaces what names a person or opens something by its kind and a number; the same thing has the same number within one mask. */
export class Mask {
  private readonly numbers = new Map<string, number>();
  private readonly counts = new Map<string, number>();

  text(text: string): string {
    let masked = plainText(text);
    for (const [, form] of secretForms()) masked = masked.replaceAll(form, () => '[secret]');
    for (const [kind, form, holds] of PERSONAL) {
      masked = masked.replaceAll(form, (found) => (holds && !holds(found) ? found : this.named(kind, found)));
    }
    return masked;
  }

  private named(kind: string, found: string): string {
    const key = `${kind}/${found.toLowerCase()}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = (this.counts.get(kind) ?? 0) + 1;
      this.counts.set(kind, number);
      this.numbers.set(key, number);
    }
    return `[${kind} ${number}]`;
  }
}

/** The check digit of card numbers (ISO/IEC 7812-1). */
function isLuhn(text: string): boolean {
  const digits = [...text.replaceAll(/\D/g, '')].reverse().map(Number);
  const sum = digits.reduce((total, digit, index) => {
    const weighed = index % 2 === 0 ? digit : digit * 2;
    return total + (weighed > 9 ? weighed - 9 : weighed);
  }, 0);
  return sum % 10 === 0;
}
