import { CancelSaga } from '@towpath/contracts/sagas/CancelSaga.v1';
import { PauseSaga } from '@towpath/contracts/sagas/PauseSaga.v1';
import { ResumeSaga } from '@towpath/contracts/sagas/ResumeSaga.v1';
import { RetrySagaStep } from '@towpath/contracts/sagas/RetrySagaStep.v1';
import { SkipSagaStep } from '@towpath/contracts/sagas/SkipSagaStep.v1';
import { emit } from '@towpath/service-kit/message';
import { requiredCode, requiredText, type Fields } from './fields.js';
import type { OperatorCommand } from './operator-command.js';
import { reasonIn } from './reason.js';

/** Sagas work for every team, so whoever leads one may stop a saga, or let it go on. */
const ROLES = ['fraud-lead', 'support-lead', 'credit-lead', 'supervisor', 'admin'];

/** Skipping leaves the world as it is while the record says that it is settled: that takes somebody above the teams. */
const SKIP_ROLES = ['supervisor', 'admin'];

/** What people may ask of a saga. Whether it stands so that it can be done is judged by the orchestrator. */
export const sagaCommands = {
  CancelSaga: { roles: ROLES, build: (data, actor) => emit(CancelSaga, sagaIn(data, actor)) },
  PauseSaga: { roles: ROLES, build: (data, actor) => emit(PauseSaga, sagaIn(data, actor)) },
  ResumeSaga: { roles: ROLES, build: (data, actor) => emit(ResumeSaga, sagaIn(data, actor)) },
  RetrySagaStep: { roles: ROLES, build: (data, actor) => emit(RetrySagaStep, stepIn(data, actor)) },
  SkipSagaStep: { roles: SKIP_ROLES, build: (data, actor) => emit(SkipSagaStep, stepIn(data, actor)) },
} satisfies Readonly<Record<string, OperatorCommand>>;

function sagaIn(data: Fields, actor: string) {
  return { sagaId: requiredText(data, 'sagaId'), actor, reason: reasonIn(data) };
}

function stepIn(data: Fields, actor: string) {
  return { ...sagaIn(data, actor), step: requiredCode(data, 'step') };
}
