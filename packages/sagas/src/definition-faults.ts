import { partsOf, type SagaDefinition, type StepDefinition, type WaitDefinition } from './definition.js';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** The id of a command has room for so many: see command-id.ts. */
export const PARTS_MAX = 200;
export const WAYS_MAX = 15;
export const ATTEMPTS_MAX = 10;
const TIME_MS_MAX = 400 * 86_400_000;

/** Throws DEFINITION_INVALID with a line for everything that is wrong with a definition. */
export function refuseFaults(definition: SagaDefinition): void {
  const faults = faultsOf(definition);
  if (faults.length === 0) return;
  const lines = faults.map((fault) => `  - ${fault}`).join('\n');
  throw new Error(`DEFINITION_INVALID: the saga ${definition.name}, version ${definition.version}:\n${lines}`);
}

function faultsOf(definition: SagaDefinition): string[] {
  const { name, version, deadlineMs, starts, stages } = definition;
  const parts = partsOf(definition);
  const names = [...parts, ...stages.filter(({ kind }) => kind === 'parallel')].map((part) => part.name);
  const twice = names.filter((one, index) => names.indexOf(one) !== index);
  return [
    ...(NAME.test(name) ? [] : [`its name is not written like order-fulfilment`]),
    ...(Number.isInteger(version) && version >= 1 ? [] : ['its version is not a whole number from 1']),
    ...(deadlineMs === null || isTime(deadlineMs) ? [] : [`deadlineMs is not within 1 and ${TIME_MS_MAX}`]),
    ...(parts.length === 0 ? ['it has no step'] : []),
    ...(parts.length > PARTS_MAX ? [`it has more than ${PARTS_MAX} steps and waits`] : []),
    ...twice.map((one) => `two parts are named ${one}`),
    ...(new Set(starts.pii.map(({ subject }) => subject)).size > 1
      ? [`${starts.name} holds personal data of more than one person`]
      : []),
    ...stages.flatMap((one) =>
      one.kind === 'parallel' && one.steps.length < 2 ? [`${one.name} runs no two steps`] : [],
    ),
    ...parts.flatMap((part) => (part.kind === 'step' ? faultsOfStep(part) : faultsOfWait(part))),
  ];
}

function faultsOfStep({ name, timeoutMs, retry, ways }: StepDefinition): string[] {
  const { attempts, backoffMs } = retry;
  const isAttempts = Number.isInteger(attempts) && attempts >= 1 && attempts <= ATTEMPTS_MAX;
  const wayNames = ways.map((way) => way.name);
  return [
    ...(isTime(timeoutMs) ? [] : [`timeoutMs of ${name} is not within 1 and ${TIME_MS_MAX}`]),
    ...(isAttempts ? [] : [`retry.attempts of ${name} is not within 1 and ${ATTEMPTS_MAX}`]),
    ...(attempts > 1 && !isTime(backoffMs) ? [`retry.backoffMs of ${name} is not within 1 and ${TIME_MS_MAX}`] : []),
    ...(ways.length > WAYS_MAX ? [`${name} has more than ${WAYS_MAX} ways`] : []),
    ...(new Set(wayNames).size < ways.length ? [`two ways of ${name} have one name`] : []),
    ...ways.flatMap(({ done, failed, undone, undoFailed, undo, name: way }) => [
      ...(done.some((one) => failed.includes(one)) ? [`${way}: an answer says both done and failed`] : []),
      ...(undo !== 'irreversible' && undone.some((one) => undoFailed.includes(one))
        ? [`${way}: an answer says both undone and not undone`]
        : []),
    ]),
  ];
}

function faultsOfWait({ name, timeoutMs }: WaitDefinition): string[] {
  return typeof timeoutMs === 'function' || isTime(timeoutMs)
    ? []
    : [`the time of ${name} is not within 1 and ${TIME_MS_MAX} ms`];
}

function isTime(ms: number): boolean {
  return Number.isInteger(ms) && ms >= 1 && ms <= TIME_MS_MAX;
}
