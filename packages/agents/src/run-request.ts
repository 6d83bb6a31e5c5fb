import { joinTaint, type Taint } from '@towpath/contracts/taint';
import type { Received } from '@towpath/service-kit/message';

/** The message that an agent works on. */
export type Cause = Pick<
  Received,
  'id' | 'subject' | 'correlationId' | 'hops' | 'path' | 'traceparent' | 'late' | 'taint'
> & {
  readonly tracestate?: string;
};

/** What is asked of an agent. */
export interface RunRequest<In> {
  readonly input: In;
  /** the message that is being handled; with the agent it makes the run's id */
  readonly cause: Cause;
  /** default: `runIdOf(cause.id, agent)` */
  readonly runId?: string;
  /** the person whose key encrypts what the run sees; default: none, and then nothing personal may reach it */
  readonly subjectId?: string;
  /** ids that the run is about, by name, for the limits of its tools; from the message and never from a model. `subject` is the message's own */
  readonly subject?: Readonly<Record<string, string>>;
  /** label of the input where it is more restrictive than the message's; a message without one is untrusted */
  readonly taint?: Taint;
  /** the `signal` of the queued handler's work */
  readonly signal: AbortSignal;
  /**
   * The `firstTry` of the queued handler's work: no journal is looked for. Where there is one nevertheless, the first write finds it: the
   * run ends as that one did, or as superseded when that one has not ended; its first step may have been done once more.
   */
  readonly firstTry?: boolean;
}

/** The label of what a run is given: never less restrictive than its message's. */
export function labelOf({ cause, taint }: Pick<RunRequest<unknown>, 'cause' | 'taint'>): Taint {
  return joinTaint(cause.taint, taint ?? cause.taint);
}

/** The ids that a run is about. */
export function subjectOf({ cause, subject }: Pick<RunRequest<unknown>, 'cause' | 'subject'>): Record<string, string> {
  return { ...subject, subject: cause.subject };
}
