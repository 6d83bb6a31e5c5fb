import type { Contract, DataOf, PromptRule } from '@towpath/contracts/contract';
import { joinTaint, type Taint } from '@towpath/contracts/taint';
import type { PromptPart } from '../prompt-part.js';
import { Mask } from './masked.js';
import { plainText } from './plain-text.js';

export interface PromptOptions {
  /** label of the message; text of unknown origin is untrusted */
  readonly taint: Taint | undefined;
  /** id of the message */
  readonly source?: string;
  /** shared over a run, so that the same person has the same number in all of its prompts */
  readonly mask?: Mask;
  /** only these fields, in this order; default: all that the contract lets through */
  readonly fields?: readonly string[];
}

/** What of a message a model may see, and which fields were kept from it. */
export interface Prompted {
  readonly parts: readonly PromptPart[];
  readonly withheld: readonly string[];
}

/**
 * The fields of a message as parts of a prompt, by the contract's `prompt` tags and nothing else: `never` is left out, `masked` loses what names
 * a person or opens something, `allowed` goes as it is. A personal field without a tag is `never`; any other text without one is masked;
 * numbers and truth values go. So a field that somebody adds and forgets to tag gives nothing away. Escape sequences and
 * unseen characters are taken out of everything.
 */
export function promptParts<C extends Contract>(
  contract: C,
  data: DataOf<C>,
  { taint, source, mask = new Mask(), fields }: PromptOptions,
): Prompted {
  const values = data as Readonly<Record<string, unknown>>;
  const parts: PromptPart[] = [];
  const withheld: string[] = [];
  for (const name of fields ?? Object.keys(values)) {
    const value = values[name];
    if (value === null || value === undefined) continue;
    const text = shownOf(contract, name, value, mask);
    if (text === undefined) {
      withheld.push(name);
      continue;
    }
    parts.push({
      label: `${contract.name}.${name}`,
      text,
      taint: joinTaint(taint),
      ...(source !== undefined && { source }),
    });
  }
  return { parts, withheld };
}

/** The text of one field by its contract's tag, for a prompt that puts it among other things; undefined when it is `never`. */
export function promptText<C extends Contract>(
  contract: C,
  name: keyof DataOf<C> & string,
  value: string,
  mask = new Mask(),
): string | undefined {
  return shownOf(contract, name, value, mask);
}

function shownOf(contract: Contract, name: string, value: unknown, mask: Mask): string | undefined {
  const rule = ruleOf(contract, name, value);
  if (rule === 'never') return undefined;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return rule === 'masked' ? mask.text(text) : plainText(text);
}

function ruleOf(contract: Contract, name: string, value: unknown): PromptRule {
  if (contract.pii.some((field) => field.name === name)) return contract.prompt[name] ?? 'never';
  if (Buffer.isBuffer(value) || value instanceof Uint8Array) return 'never';
  const declared = contract.prompt[name];
  if (declared !== undefined) return declared;
  return typeof value === 'number' || typeof value === 'boolean' ? 'allowed' : 'masked';
}
