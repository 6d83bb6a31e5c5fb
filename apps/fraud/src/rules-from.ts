import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { RULES, type Rules } from './rules.js';
import { RULE_SETS } from './rule-sets.js';

/**
 * The rules of a selection: a name of `RULE_SETS`, or a JSON file that is laid over the rules of this version, table by table. The
 * version of a file's rules names its bytes. Throws RULES_INVALID for a name that is none, and for what the rules don't have.
 */
export function rulesFrom(selection: string): Rules {
  const known = RULE_SETS[selection];
  if (known) return known;
  if (!existsSync(selection)) {
    const names = Object.keys(RULE_SETS).join(', ');
    throw new Error(`RULES_INVALID: "${selection}" is no file and none of ${names}; set FRAUD_RULES to one of them`);
  }
  const text = readFileSync(selection, 'utf8');
  const laid = overlaid(RULES, parsed(text, selection), selection) as Rules;
  return { ...laid, version: `${RULES.version}+${hash('sha256', text, 'hex').slice(0, 8)}` };
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`RULES_INVALID: ${file} is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** `over` on top of `base`: objects key by key, anything else, tables too, as a whole. */
function overlaid(base: unknown, over: unknown, place: string): unknown {
  if (!isObject(base)) {
    if (typeof base !== typeof over || Array.isArray(base) !== Array.isArray(over)) {
      throw new Error(
        `RULES_INVALID: ${place} is a ${typeof over}, not a ${Array.isArray(base) ? 'table' : typeof base}`,
      );
    }
    return over;
  }
  if (!isObject(over)) throw new Error(`RULES_INVALID: ${place} is no object`);
  const unknown = Object.keys(over).filter((key) => !(key in base) || key === 'version');
  if (unknown.length > 0) {
    throw new Error(`RULES_INVALID: ${place} has ${unknown.join(', ')}; possible are ${Object.keys(base).join(', ')}`);
  }
  const entries = Object.entries(over).map(([key, value]) => [key, overlaid(base[key], value, `${place}: ${key}`)]);
  return { ...base, ...(Object.fromEntries(entries) as object) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
