import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError } from '../cli-error.js';

/** What `--with` may change, and the settings that stand for it. */
const CHANGES: Readonly<Record<string, (value: string, service: string) => NodeJS.ProcessEnv>> = {
  rules: (value, service) => ({ [`${service.toUpperCase().replaceAll('-', '_')}_RULES`]: fileOr(value) }),
  model: (value) => ({ OPENAI_MODEL: value, MODEL_MODE: 'live' }),
};

/**
 * The settings of a variant from `--with NAME=VALUE`: `rules=v2` or `rules=FILE` for the rules of the service, `model=NAME` for another
 * model, which is asked live. Throws VARIANT_UNKNOWN.
 */
export function variantOf(service: string, changes: readonly string[]): NodeJS.ProcessEnv {
  return Object.assign({}, ...changes.map((change) => settingsOf(service, change))) as NodeJS.ProcessEnv;
}

function settingsOf(service: string, change: string): NodeJS.ProcessEnv {
  const [, name = '', value = ''] = /^([a-z]+)=(.+)$/.exec(change) ?? [];
  const settings = CHANGES[name];
  if (settings) return settings(value, service);
  const known = Object.keys(CHANGES).map((one) => `${one}=…`);
  throw new CliError('VARIANT_UNKNOWN', `--with ${change} says nothing known; give ${known.join(' or ')}.`);
}

function fileOr(value: string): string {
  return existsSync(value) ? resolve(value) : value;
}
