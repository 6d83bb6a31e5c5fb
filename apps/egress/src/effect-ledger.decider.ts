import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';

export type EffectPhase = 'none' | 'reserved' | 'fired' | 'confirmed' | 'failed' | 'unknown';

/** Where one effect stands. */
export interface EffectState {
  readonly phase: EffectPhase;
  /** calls that were committed to */
  readonly attempts: number;
  /** milliseconds since the epoch */
  readonly firstFiredAt: number | null;
  readonly firedAt: number | null;
  /** whoever asked for it wants it no more: it is not called again */
  readonly isRecalled: boolean;
}

/** Another effect of the same subject that did not fail. */
export interface Sibling {
  readonly effectId: string;
  /** type of its command */
  readonly action: string;
  readonly phase: EffectPhase;
  /** who carries it out; undefined in rows from before it was kept */
  readonly provider?: string;
}

/** What is known when an effect is about to be called. */
export interface FiringQuestion {
  readonly effectId: string;
  readonly action: string;
  readonly provider: string;
  readonly effect: EffectState;
  /** the attempt the caller wants to make; another number means that somebody else was faster */
  readonly attempt: number;
  /** captures of the account are halted */
  readonly halted: boolean;
  /** the agent that asked for it runs, pauses or is killed; `running` when none did */
  readonly agentState: 'running' | 'paused' | 'killed';
  /** a person has to open the way there again: the endpoint was disabled */
  readonly disabled: boolean;
  /** effects of the same payment, connected account or other subject in the order they were asked for, this one included */
  readonly siblings: readonly Sibling[];
}

export type Verdict =
  | { readonly kind: 'fire' }
  | { readonly kind: 'fail'; readonly code: string; readonly detail: string }
  /** another effect of the subject has to end first */
  | { readonly kind: 'wait'; readonly detail: string }
  /** it was called before it was recalled: what became of that call has to be found out */
  | { readonly kind: 'recalled' }
  /** it is over, or another replica has it */
  | { readonly kind: 'drop' };

const CAPTURE = CapturePayment.type;
const CANCEL = CancelPayment.type;
const REFUND = RefundPayment.type;

/**
 * Whether an effect may be called now. It holds the ledger's promises: no capture of a halted account, a cancel overtakes
 * a capture that was not called yet, and one money effect per payment unless a refund follows a capture.
 */
export function decideFiring(question: FiringQuestion): Verdict {
  const { action, effect, attempt } = question;
  if (effect.phase !== 'reserved' && effect.phase !== 'fired') return { kind: 'drop' };
  if (attempt !== effect.attempts + 1) return { kind: 'drop' };
  const siblings = question.siblings.filter(({ provider = question.provider }) => provider === question.provider);
  const own = siblings.findIndex(({ effectId }) => effectId === question.effectId);
  const earlier = live(own < 0 ? siblings : siblings.slice(0, own));
  const later = live(own < 0 ? [] : siblings.slice(own + 1));
  const stopped = stoppedBy(question);
  if (stopped) return stopped;
  if (action === CAPTURE) return decideCapture(question.halted, earlier, later);
  if (action === CANCEL) return decideCancel(earlier);
  if (action === REFUND) return decideRefund(earlier);
  return waitFor(earlier.find(isOpen)) ?? { kind: 'fire' };
}

function stoppedBy({ effect, agentState, disabled }: FiringQuestion): Verdict | undefined {
  if (effect.isRecalled && effect.firedAt !== null) return { kind: 'recalled' };
  if (effect.isRecalled) return fail('RECALLED', 'it was recalled before it was called');
  if (agentState === 'killed') return fail('AGENT_KILLED', 'the agent that asked for it was killed');
  if (agentState === 'paused') return { kind: 'wait', detail: 'the agent that asked for it is paused' };
  return disabled ? fail('ENDPOINT_DISABLED', 'the endpoint is disabled; see towpath breakers list') : undefined;
}

function decideCapture(halted: boolean, earlier: readonly Sibling[], later: readonly Sibling[]): Verdict {
  if (halted) return fail('ACCOUNT_FROZEN', 'captures of the account are halted');
  if (later.some(({ action }) => action === CANCEL)) return fail('SUPERSEDED', 'the payment is to be cancelled');
  const other = earlier.find(({ action }) => action !== CAPTURE);
  if (other) return fail('SUPERSEDED', `${other.action} came before it`);
  return sameBefore(earlier, CAPTURE) ?? { kind: 'fire' };
}

function decideCancel(earlier: readonly Sibling[]): Verdict {
  const refund = earlier.find(({ action }) => action === REFUND);
  if (refund) return fail('ALREADY_REFUNDED', 'a refund came before it');
  const capture = earlier.find(({ action }) => action === CAPTURE);
  if (capture)
    return waitFor(isOpen(capture) ? capture : undefined) ?? fail('ALREADY_CAPTURED', 'the payment was captured');
  return sameBefore(earlier, CANCEL) ?? { kind: 'fire' };
}

function decideRefund(earlier: readonly Sibling[]): Verdict {
  const waiting = waitFor(earlier.find(isOpen));
  if (waiting) return waiting;
  if (earlier.some(({ action }) => action === CANCEL)) return fail('ALREADY_CANCELED', 'the payment was cancelled');
  return sameBefore(earlier, REFUND) ?? { kind: 'fire' };
}

/** The same asked for twice by two commands: the second happens only when the first did not. */
function sameBefore(earlier: readonly Sibling[], action: string): Verdict | undefined {
  const same = earlier.find((sibling) => sibling.action === action);
  if (!same) return undefined;
  return waitFor(isOpen(same) ? same : undefined) ?? fail('DUPLICATE_EFFECT', `${same.effectId} did it already`);
}

function waitFor(sibling: Sibling | undefined): Verdict | undefined {
  return sibling && { kind: 'wait', detail: `${sibling.effectId} is not settled` };
}

function live(siblings: readonly Sibling[]): readonly Sibling[] {
  return siblings.filter(({ phase }) => phase !== 'failed' && phase !== 'none');
}

function isOpen({ phase }: Sibling): boolean {
  return phase === 'reserved' || phase === 'fired';
}

function fail(code: string, detail: string): Verdict {
  return { kind: 'fail', code, detail };
}
