import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { declaredAgents } from '../agents/declared.js';
import { CliError } from '../cli-error.js';

/** What a backtest changes. */
export interface Variant {
  /** of the service's program */
  readonly settings: NodeJS.ProcessEnv;
  /** `anew`: agents are asked again; `recorded`: they go over what they did */
  readonly runs: 'recorded' | 'anew';
}

/** Agents answer otherwise, so what they were answered is no answer. */
const ASKED_ANEW: NodeJS.ProcessEnv = { MODEL_MODE: 'live' };

/** What `--with` may change, and the settings that stand for it. */
const CHANGES: Readonly<Record<string, (value: string, service: string) => NodeJS.ProcessEnv>> = {
  rules: (value, service) => ({ [`${service.toUpperCase().replaceAll('-', '_')}_RULES`]: fileOr(value) }),
  classifier: (value) => ({ TRIAGE_MODEL_FILE: fileOr(value) }),
  model: (value) => ({ OPENAI_MODEL: value, ...ASKED_ANEW }),
  prompt: (value, service) => ({ MODEL_INSTRUCTIONS: instructionsOf(value, service), ...ASKED_ANEW }),
};

/**
 * The settings of a variant from `--with NAME=VALUE`: `rules=v2` or `rules=FILE` for the rules of the service, `model=NAME` for another
 * model, `classifier=FILE` for another one of triage, `prompt=AGENT:VERSION` or `prompt=AGENT:FILE` for other instructions of an agent; models are asked live. Throws
 * VARIANT_UNKNOWN, AGENT_UNKNOWN.
 */
export function variantOf(service: string, changes: readonly string[]): Variant {
  const settings = Object.assign({}, ...changes.map((change) => settingsOf(service, change))) as NodeJS.ProcessEnv;
  return { settings, runs: settings.MODEL_MODE === 'live' ? 'anew' : 'recorded' };
}

function settingsOf(service: string, change: string): NodeJS.ProcessEnv {
  const [, name = '', value = ''] = /^([a-z]+)=(.+)$/.exec(change) ?? [];
  const settings = CHANGES[name];
  if (settings) return settings(value, service);
  const known = Object.keys(CHANGES).map((one) => `${one}=…`);
  throw new CliError('VARIANT_UNKNOWN', `--with ${change} says nothing known; give ${known.join(' or ')}.`);
}

/** A mistyped name would change nothing and say that nothing flips. */
function instructionsOf(value: string, service: string): string {
  const [, agent = '', which = ''] = /^([a-z][a-z0-9-]*):(.+)$/.exec(value) ?? [];
  const names = declaredAgents().flatMap((one) => (one.service === service ? [one.name] : []));
  if (names.includes(agent)) return `${agent}=${fileOr(which)}`;
  const agents = names.join(', ') || 'none';
  throw new CliError(
    'AGENT_UNKNOWN',
    `give prompt=AGENT:VERSION or prompt=AGENT:FILE; agents of ${service}: ${agents}.`,
  );
}

function fileOr(value: string): string {
  return existsSync(value) ? resolve(value) : value;
}
