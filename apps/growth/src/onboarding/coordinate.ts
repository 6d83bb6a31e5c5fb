import { OnboardingCompleted } from '@towpath/contracts/growth/OnboardingCompleted.v1';
import { OnboardingDeadlinePassed } from '@towpath/contracts/growth/OnboardingDeadlinePassed.v1';
import { OnboardingStalled } from '@towpath/contracts/growth/OnboardingStalled.v1';
import { OnboardingStarted } from '@towpath/contracts/growth/OnboardingStarted.v1';
import { OnboardingStepNoted } from '@towpath/contracts/growth/OnboardingStepNoted.v1';
import type { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { emit, remind, type Emission } from '@towpath/service-kit/message';
import { REQUIRED, withStep, type Onboarding, type RequiredStep } from './onboarding.js';

/** Everything that the coordinator may append. */
export const COORDINATING = [
  OnboardingStarted,
  OnboardingStepNoted,
  OnboardingCompleted,
  OnboardingStalled,
  OnboardingDeadlinePassed,
] as const;
export type Coordinating = Emission<(typeof COORDINATING)[number]>;

/** Somebody signed up: what has to be done is noted, and may be done already. */
export function begin(before: Onboarding, signUp: CustomerSignedUp, now: Date, msMax: number): Coordinating[] {
  if (before.started) return [];
  const { customerId, plan, email, name } = signUp;
  const startedAt = now.getTime();
  const deadline = new Date(startedAt + msMax);
  const required = [...REQUIRED];
  const started = { customerId, plan, email, name, required, deadlineAt: deadline.getTime(), startedAt };
  const after: Onboarding = { ...before, started: { plan, required, startedAt } };
  const completed = completion(customerId, after, now);
  return [
    emit(OnboardingStarted, started),
    ...completed,
    ...(completed.length > 0 ? [] : [remind(OnboardingDeadlinePassed, deadline, { customerId })]),
  ];
}

/** A required step was done, or failed with a code: it is noted, and what was the last completes the whole, once. */
export function note(
  customerId: string,
  before: Onboarding,
  { step, code }: { readonly step: RequiredStep; readonly code: string | null },
  now: Date,
): Coordinating[] {
  if (before.done.includes(step)) return [];
  const noted = emit(OnboardingStepNoted, { customerId, step, code, notedAt: now.getTime() });
  return [noted, ...completion(customerId, withStep(before, { step, code }), now)];
}

/** The time is over: what is missing is said, with why as far as anybody knows. */
export function passDeadline(customerId: string, before: Onboarding, now: Date): Coordinating[] {
  const { started, completed, stalled, done, failed } = before;
  if (!started || completed || stalled) return [];
  const missing = started.required
    .filter((step) => !done.includes(step))
    .map((step) => ({ step, code: failed[step] ?? null }));
  if (missing.length === 0) return [];
  const { startedAt } = started;
  return [emit(OnboardingStalled, { customerId, missing, startedAt, stalledAt: now.getTime() })];
}

function completion(customerId: string, after: Onboarding, now: Date): Coordinating[] {
  const { started, done, completed, stalled: late } = after;
  if (!started || completed || !started.required.every((step) => done.includes(step))) return [];
  const { required, startedAt } = started;
  const steps = [...required];
  return [emit(OnboardingCompleted, { customerId, steps, late, startedAt, completedAt: now.getTime() })];
}
