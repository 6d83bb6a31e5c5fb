import type { IdentityUsed } from '@towpath/contracts/agents/IdentityUsed.v1';
import type { LimitName } from './limits.js';

/** A failure with a stable code that an agent's run knows how to go on from. */
export class AgentError extends Error {
  /** what led here, as JSON; may be personal. A pattern fills it in */
  history: readonly unknown[] = [];

  constructor(
    /** upper snake case */
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(`${code}: ${message}`, options);
    this.name = new.target.name;
  }
}

/** The request and raw answer of a model, as the journal keeps them, and what they cost. */
export interface Exchange {
  /** SHA-256 of the canonical request, hexadecimal */
  readonly requestHash: string;
  /** the exact request, canonical JSON */
  readonly request: string;
  /** what the model sent, as it came; empty when nothing came */
  readonly raw: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** millionths of a US dollar */
  readonly costMicros: number;
  readonly latencyMs: number;
}

/** A model gave nothing usable: the agent falls back and says so. */
export abstract class ModelFailure extends AgentError {
  constructor(
    code: string,
    message: string,
    /** what was asked and came nevertheless */
    readonly exchange?: Exchange,
    options?: { cause?: unknown },
  ) {
    super(code, message, options);
  }
}

/** No model is configured, or it failed or was slow. */
export class ModelUnavailable extends ModelFailure {}

/** The call would exceed a budget; nothing was asked. */
export class OverBudget extends ModelFailure {}

/** The answer does not fit the schema. */
export class OffSchema extends ModelFailure {}

/** The policy gate refused a tool or its arguments. */
export class ToolRefused extends AgentError {
  constructor(
    code: string,
    message: string,
    /** what to journal of the refused use */
    readonly audit?: IdentityUsed,
  ) {
    super(code, message);
  }
}

/** A tool could not be used: arguments or result do not fit, or it threw. */
export class ToolFailed extends AgentError {}

/** A run reached one of its limits. Code `LIMIT_<NAME>`. */
export class LimitReached extends AgentError {
  constructor(
    readonly limit: LimitName,
    readonly max: number,
  ) {
    super(`LIMIT_${limit.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`, `${limit} may be at most ${max}`);
  }
}

/** The run ends with a question to a person, and what led to it. */
export class NeedsHuman extends AgentError {
  constructor(code: string, message: string, history: readonly unknown[] = []) {
    super(code, message);
    this.history = history;
  }
}

/** The journal says that the policy did something else at this place: its code changed, or it is not deterministic. */
export class RunDiverged extends AgentError {
  constructor(step: string, expected: string, found: string) {
    super(
      'RUN_DIVERGED',
      `${step} was ${expected} when it was recorded and is ${found} now; give the agent another version when its policy changes`,
    );
  }
}

/** Another worker goes on with the run, or a person stopped it: this one can write no more. */
export class RunSuperseded extends AgentError {
  constructor(runId: string, cause?: unknown) {
    super('RUN_SUPERSEDED', `another worker goes on with run ${runId}`, { cause });
  }
}

/** A recorded failure as the error it was. */
export function revived(name: string, code: string, message: string): AgentError {
  const text = message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message;
  switch (name) {
    case 'ModelUnavailable':
      return new ModelUnavailable(code, text);
    case 'OverBudget':
      return new OverBudget(code, text);
    case 'OffSchema':
      return new OffSchema(code, text);
    case 'ToolRefused':
      return new ToolRefused(code, text);
    case 'ToolFailed':
      return new ToolFailed(code, text);
    default:
      return new AgentError(code, text);
  }
}
