import { isWithin, type Taint } from '@towpath/contracts/taint';
import type { Scope } from '../identity/scope.js';
import { limitProblem, secretInArguments, type ArgumentLimit, type LimitProblem } from './argument-limit.js';
import { actionHash } from './action-hash.js';

/** What a tool declares about who may use it on what. */
export interface ToolPolicy {
  /** what the agent's identity must hold; null for what looks at nothing of anybody's */
  readonly scope: Scope | null;
  /** the most restrictive label of what the agent has read with which it may use the tool by itself */
  readonly accepts: Taint;
  /** what becomes of a use with a more restrictive label; default `refuse` */
  readonly beyond?: 'refuse' | 'approve';
  readonly limits?: readonly ArgumentLimit[];
}

/** One use of a tool that an agent asks for. */
export interface Question {
  readonly agent: {
    readonly name: string;
    /** what its identity holds, from a token that was verified */
    readonly scopes: readonly Scope[];
    /** names of the tools that it declares */
    readonly tools: readonly string[];
  };
  /** undefined when there is no tool of that name */
  readonly tool: { readonly name: string; readonly policy: ToolPolicy } | undefined;
  /** as the tool's schema gave them */
  readonly arguments: unknown;
  /** joined over everything that the run has read so far */
  readonly taint: Taint | undefined;
  /** ids that the run is about, from its cause and never from a model */
  readonly subject: Readonly<Record<string, string>>;
  /** versions of what the decision looked at; part of what an approval covers */
  readonly evidence?: Readonly<Record<string, string | number>>;
  /** hash of the act that a person approved, from a signed command */
  readonly approved?: string;
  /** secrets by value that must never go out */
  readonly secrets?: readonly string[];
}

/** What the gate says. Codes are stable; `detail` is for people and holds no argument's text. */
export type Verdict =
  | { readonly kind: 'allow'; readonly actionHash: string }
  /** a person has to approve exactly the act with this hash */
  | { readonly kind: 'approve'; readonly code: string; readonly detail: string; readonly actionHash: string }
  | { readonly kind: 'refuse'; readonly code: string; readonly detail: string };

/**
 * Whether an agent may use a tool so. Pure: it looks at nothing but the question, and comes after the model, so that nothing a
 * model says can change what it says. What is not declared is refused. A refusal stands whatever anybody approved; an approval
 * counts only for the very act, and a stale one says so.
 */
export function judge(question: Question): Verdict {
  const { agent, tool, arguments: given } = question;
  if (!tool) return refuse('TOOL_UNKNOWN', 'there is no such tool');
  if (!agent.tools.includes(tool.name)) {
    return refuse('TOOL_NOT_DECLARED', `${agent.name} does not declare the tool ${tool.name}`);
  }
  const { scope } = tool.policy;
  if (scope !== null && !agent.scopes.includes(scope))
    return refuse('SCOPE_MISSING', `${agent.name} does not hold ${scope}`);
  if (!isArguments(given)) return refuse('ARGUMENTS_INVALID', 'arguments must be an object');
  const secret = secretInArguments(given, question.secrets ?? []);
  if (secret !== null) return refuse('SECRET_IN_ARGUMENTS', `the arguments hold ${secret}`);
  return judgeUse(question, tool, given);
}

function judgeUse(question: Question, tool: NonNullable<Question['tool']>, given: Arguments): Verdict {
  const { policy, name } = tool;
  const problems = (policy.limits ?? []).flatMap((limit) => limitProblem(limit, given, question.subject) ?? []);
  if (!isWithin(question.taint, policy.accepts)) problems.push(taintProblem(policy));
  const refusal = problems.find(({ verdict }) => verdict === 'refuse');
  if (refusal) return refuse(refusal.code, refusal.detail);
  const hash = hashOf(name, given, question.evidence);
  if (hash === null) return refuse('ARGUMENTS_INVALID', 'arguments must be JSON');
  const [asks] = problems;
  if (!asks || question.approved === hash) return { kind: 'allow', actionHash: hash };
  if (question.approved === undefined)
    return { kind: 'approve', code: asks.code, detail: asks.detail, actionHash: hash };
  return { kind: 'approve', code: 'APPROVAL_STALE', detail: 'something else was approved', actionHash: hash };
}

function taintProblem({ accepts, beyond = 'refuse' }: ToolPolicy): LimitProblem {
  const detail = `it takes what is ${accepts} at most, and the run has read something less trusted`;
  return { verdict: beyond, code: beyond === 'refuse' ? 'TAINT_REFUSED' : 'TAINT_NEEDS_APPROVAL', detail };
}

function hashOf(action: string, given: Arguments, evidence: Question['evidence']): string | null {
  try {
    return actionHash({ action, arguments: given, evidence: evidence ?? {} });
  } catch {
    return null;
  }
}

type Arguments = Readonly<Record<string, unknown>>;

function isArguments(given: unknown): given is Arguments {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

function refuse(code: string, detail: string): Verdict {
  return { kind: 'refuse', code, detail };
}
