import { OUT_OF_SCOPE, type Example } from './example.js';
import type { IntentModel } from './intent-model.js';

/** What one model made of one test. */
export interface Evaluation {
  readonly task: 'intents';
  /** share of the messages in scope whose first intent is right; null when there are none */
  readonly accuracy: number | null;
  /** area under the ROC curve of in scope against out of scope; null unless the test has both */
  readonly oosAuroc: number | null;
  readonly microsPerMessage: number;
  /** mean distance of confidence from the share that was right, in ten steps of confidence */
  readonly calibrationError: number;
  /** share of the messages in scope, and of the others, that were called out of scope */
  readonly calledOutOfScope: { readonly inScope: number | null; readonly outOfScope: number | null };
  readonly messages: number;
}

/** One answer, for whoever wants to look at them. */
export interface Answer {
  readonly text: string;
  readonly intent: string;
  readonly answered: string;
  readonly confidence: number;
  readonly inScope: number;
  readonly outOfScope: boolean;
}

export function answersOf(model: IntentModel, test: readonly Example[]): Answer[] {
  return test.map(({ text, intent }) => {
    const { intent: answered, confidence, inScope, outOfScope } = model.score(text);
    return { text, intent, answered, confidence, inScope, outOfScope };
  });
}

/** @param microsPerMessage as {@link microsOf} measured it */
export function evaluationOf(answers: readonly Answer[], microsPerMessage: number): Evaluation {
  const inside = answers.filter(({ intent }) => intent !== OUT_OF_SCOPE);
  const outside = answers.filter(({ intent }) => intent === OUT_OF_SCOPE);
  return {
    task: 'intents',
    accuracy: shareOf(inside, ({ intent, answered }) => intent === answered),
    oosAuroc: aurocOf(
      inside.map(({ inScope }) => inScope),
      outside.map(({ inScope }) => inScope),
    ),
    microsPerMessage,
    calibrationError: calibrationErrorOf(answers),
    calledOutOfScope: {
      inScope: shareOf(inside, ({ outOfScope }) => outOfScope),
      outOfScope: shareOf(outside, ({ outOfScope }) => outOfScope),
    },
    messages: answers.length,
  };
}

const MESSAGES_TIMED_MAX = 2_000;

/** Median time of one message, microseconds, after a round to warm up. */
export function microsOf(model: IntentModel, test: readonly Example[]): number {
  const texts = test.slice(0, MESSAGES_TIMED_MAX).map(({ text }) => text);
  for (const text of texts) model.score(text);
  const times = texts.map((text) => {
    const begun = performance.now();
    model.score(text);
    return (performance.now() - begun) * 1_000;
  });
  return times.sort((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;
}

/** The chance that one of `higher` is above one of `lower`, ties counting half; null when either is empty (Mann and Whitney). */
export function aurocOf(higher: readonly number[], lower: readonly number[]): number | null {
  if (higher.length === 0 || lower.length === 0) return null;
  const all = [
    ...higher.map((value) => ({ value, isHigher: true })),
    ...lower.map((value) => ({ value, isHigher: false })),
  ];
  all.sort((one, other) => one.value - other.value);
  let ranks = 0;
  for (let from = 0; from < all.length;) {
    let to = from;
    while (to < all.length && all[to]!.value === all[from]!.value) to += 1;
    const rank = (from + to + 1) / 2;
    for (let at = from; at < to; at += 1) if (all[at]!.isHigher) ranks += rank;
    from = to;
  }
  const least = (higher.length * (higher.length + 1)) / 2;
  return (ranks - least) / (higher.length * lower.length);
}

const STEPS = 10;

function calibrationErrorOf(answers: readonly Answer[]): number {
  const steps = Array.from({ length: STEPS }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (const { confidence, intent, answered } of answers) {
    const step = steps[Math.min(STEPS - 1, Math.floor(confidence * STEPS))]!;
    step.count += 1;
    step.confidence += confidence;
    step.right += intent === answered ? 1 : 0;
  }
  return (
    steps.reduce((sum, { confidence, right }) => sum + Math.abs(confidence - right), 0) / Math.max(1, answers.length)
  );
}

function shareOf<T>(all: readonly T[], is: (one: T) => boolean): number | null {
  return all.length === 0 ? null : all.filter(is).length / all.length;
}
