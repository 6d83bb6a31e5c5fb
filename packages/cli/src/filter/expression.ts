import { createContext, Script } from 'node:vm';
import { Environment } from '@marcbachmann/cel-js';
import type { InspectedRecord } from '@towpath/kafka/inspect';
import { UsageError } from '../cli-error.js';
import { atPosition } from './position.js';
import { VARIABLES, variablesOf } from './variables.js';

/** Whether a record passes. Throws USAGE when the expression takes too long or is no longer meant as it was written. */
export type Filter = (record: InspectedRecord) => boolean;

const LENGTH_MAX = 2_000;
/** Of one record. Ordinary expressions take well under 1 ms. */
const EVALUATION_MS_MAX = 100;

/**
 * Compiles a CEL expression (cel.dev) over one record; see VARIABLES. It can read those and nothing else: the language has
 * no loops, no assignment and no way to a host function, unknown names are refused before the first record is read, nodes and
 * nesting are limited, and one evaluation ends after 100 ms, also inside a regular expression. A record that lacks a field
 * the expression asks for doesn't pass. Throws USAGE with position and hint.
 */
export function compileFilter(text: string): Filter {
  if (text.length > LENGTH_MAX) throw new UsageError(`the expression has more than ${LENGTH_MAX} characters.`);
  const evaluate = checked(text);
  return (record) => bounded(text, () => evaluate(variablesOf(record)));
}

type Evaluate = (variables: Readonly<Record<string, unknown>>) => unknown;

function checked(text: string): Evaluate {
  try {
    const parsed = environment().parse(text);
    const { valid, type, error } = parsed.check();
    if (!valid) throw error as Error;
    if (type !== 'bool' && type !== 'dyn') throw new UsageError(notBoolean(text, String(type)));
    return parsed;
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(atPosition(text, error));
  }
}

function environment(): Environment {
  const limits = { maxAstNodes: 500, maxDepth: 50, maxListElements: 500, maxMapEntries: 100, maxCallArguments: 16 };
  const made = new Environment({ unlistedVariablesAreDyn: false, homogeneousAggregateLiterals: false, limits });
  for (const { name, type, doc } of VARIABLES) made.registerVariable(name, type, { description: doc });
  return made;
}

function notBoolean(text: string, type: string): string {
  return `\`${text}\` gives ${type}, not true or false; compare it with something, such as \`${text} == …\`.`;
}

/** A watchdog of V8 ends what runs too long, wherever it is. */
function bounded(text: string, evaluate: () => unknown): boolean {
  sandbox['evaluate'] = evaluate;
  try {
    const answer: unknown = call.runInContext(sandbox, { timeout: EVALUATION_MS_MAX });
    if (typeof answer === 'boolean') return answer;
    throw new UsageError(notBoolean(text, typeof answer));
  } catch (error) {
    if (isTimeout(error)) {
      throw new UsageError(
        `the expression took more than ${EVALUATION_MS_MAX} ms for one record; a simpler pattern in matches() or fewer ` +
          'nested all(), exists() and filter() help.',
      );
    }
    if (error instanceof UsageError) throw error;
    // `value.amount > 5` says nothing of a record without an amount; a pattern that is none says nothing of any.
    if (hasCode(error, 'invalid_regular_expression')) throw new UsageError(atPosition(text, error));
    return false;
  } finally {
    delete sandbox['evaluate'];
  }
}

const sandbox = createContext(Object.create(null) as Record<string, unknown>);
const call = new Script('evaluate()');

function isTimeout(error: unknown): boolean {
  return hasCode(error, 'ERR_SCRIPT_EXECUTION_TIMEOUT');
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
