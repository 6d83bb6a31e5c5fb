import type { Colors } from '../context.js';
import { harmless } from '../readable.js';
import { nameOf } from '../watch/watch-line.js';
import type { HashCheck, HashState } from './checks.js';
import { dataOf, type VerifiedStream } from './evidence.js';
import type { Part } from './explain.js';

const TITLES: Readonly<Record<Part['role'], string>> = {
  decision: 'decided',
  basis: 'on the basis of',
  step: 'a step of the agent',
  cause: 'because of',
};

const HASH_SHOWN = 12;

/** An event of an explanation for people. What led to the decision is told in one line. */
export function partText({ role, event, data, checks }: Part, colors: Colors): string {
  const { id, type, schema, stream, version, occurredAt } = event;
  const at = occurredAt.toISOString();
  const title = `${colors.dim(TITLES[role])}  ${colors.bold(nameOf(type))}  ${stream} v${version} of ${schema}  ${colors.dim(`${at}  ${id}`)}`;
  if (role === 'cause') return title;
  const states = new Map(checks.map((check) => [check.field, check]));
  const fields = Object.entries(dataOf(data)).flatMap(([name, value]) =>
    fieldText(name, value, states.get(name), colors),
  );
  return [title, ...fields, ''].join('\n');
}

function fieldText(name: string, value: unknown, check: HashCheck | undefined, colors: Colors): string[] {
  const isEmpty = value === null || value === undefined || (Array.isArray(value) && value.length === 0);
  if (isEmpty || name.endsWith('Hash')) return [];
  const note = check ? `  ${stateText(check, colors)}` : '';
  if (Array.isArray(value)) return [`  ${name}:`, ...value.map((one) => `    ${oneLine(one)}`)];
  const text = harmless(typeof value === 'string' ? value : JSON.stringify(value));
  if (!text.includes('\n')) return [`  ${name}: ${text}${note}`];
  return [`  ${name}:${note}`, ...text.split('\n').map((line) => `    ${line}`)];
}

/** `{ code, text, pointsLost }` as people read it. */
function oneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return harmless(String(value));
  const parts = Object.entries(value as Record<string, unknown>).map(([name, one]) => `${name} ${JSON.stringify(one)}`);
  return harmless(parts.join(', '));
}

function stateText({ hash, state }: HashCheck, colors: Colors): string {
  const short = hash.slice(0, HASH_SHOWN);
  const words: Readonly<Record<HashState, string>> = {
    matches: colors.green(`✓ SHA-256 ${short}… is that of this text`),
    differs: colors.red(`✗ SHA-256 ${short}… is NOT that of this text`),
    sealed: colors.dim(`SHA-256 ${short}…, checked with --reveal`),
    erased: colors.dim(`SHA-256 ${short}…, the person was erased`),
    elsewhere: colors.dim(`SHA-256 ${short}…`),
  };
  return words[state];
}

/** What was checked, in a line for each kind. */
export function checksText(parts: readonly Part[], streams: readonly VerifiedStream[], colors: Colors): string {
  const checks = parts.flatMap((part) => part.checks);
  const count = (state: HashState): number => checks.filter((check) => check.state === state).length;
  const sealed = count('sealed');
  const hashes = [
    `${count('matches')} of ${checks.length} hashes are those of the texts beside them`,
    ...(count('differs') > 0 ? [colors.red(`${count('differs')} are NOT`)] : []),
    ...(sealed > 0 ? [`${sealed} are of personal data: --reveal --reason TEXT shows it and checks them`] : []),
    ...(count('erased') > 0 ? [`${count('erased')} are of an erased person`] : []),
  ];
  const chains = streams.map(({ stream, schema, mismatches }) =>
    mismatches.length === 0
      ? `${colors.green('✓')} ${stream} of ${schema} is as it was appended`
      : `${colors.red('✗')} ${stream} of ${schema} was changed at version ${mismatches[0]!.version} (${mismatches[0]!.reason})`,
  );
  return ['', hashes.join('; '), ...chains].join('\n');
}
