import { OnboardingCompleted } from '@towpath/contracts/growth/OnboardingCompleted.v1';
import { OnboardingStalled } from '@towpath/contracts/growth/OnboardingStalled.v1';
import { OnboardingStarted } from '@towpath/contracts/growth/OnboardingStarted.v1';
import { OnboardingStepNoted } from '@towpath/contracts/growth/OnboardingStepNoted.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** What has to be done before an onboarding is. */
export const REQUIRED = ['provisioning', 'crm'] as const;
export type RequiredStep = (typeof REQUIRED)[number];

/** How far the onboarding of a customer is. */
export interface Onboarding {
  /** null until the sign-up itself was heard of: what it led to may be heard first */
  readonly started: { readonly plan: string; readonly required: readonly string[]; readonly startedAt: number } | null;
  readonly done: readonly string[];
  /** code by step of what could not be done */
  readonly failed: Readonly<Record<string, string>>;
  readonly stalled: boolean;
  readonly completed: boolean;
}

export const onboarding = aggregate<Onboarding>({
  stream: 'onboarding',
  initial: { started: null, done: [], failed: {}, stalled: false, completed: false },
  evolve: (state, event) => {
    if (isOf(OnboardingStarted, event)) {
      const { plan, required, startedAt } = event.data;
      return { ...state, started: { plan, required, startedAt } };
    }
    if (isOf(OnboardingStepNoted, event)) return withStep(state, event.data);
    if (isOf(OnboardingStalled, event)) return { ...state, stalled: true };
    if (isOf(OnboardingCompleted, event)) return { ...state, completed: true };
    return state;
  },
});

/** The state once a step was done, or could not be. */
export function withStep(state: Onboarding, { step, code }: Pick<OnboardingStepNoted, 'step' | 'code'>): Onboarding {
  if (code !== null) return { ...state, failed: { ...state.failed, [step]: code } };
  const { [step]: _, ...failed } = state.failed;
  return { ...state, failed, done: [...new Set([...state.done, step])] };
}
