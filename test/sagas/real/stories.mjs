import { stepsOf } from '@towpath/sagas/definition';
import { definitionOf } from './definition-of.mjs';
import { echo } from './echo.mjs';
import { orderFulfilment } from './order-fulfilment.mjs';
import { paymentRecovery } from './payment-recovery.mjs';
import { refund } from './refund.mjs';

/** Answers of steps that have longer are not held back: the commands are, which says as much, and one wait is enough. */
const ANSWER_MS_MAX = 60_000;
const COMMAND_MS_MAX = 120_000;

/**
 * How instances of a definition run on the real stack: `begin` starts one with the fate of its scenario, `hears` does what people outside do when
 * a message is seen, `conducts` says which fates the stand-ins can be given, `servedBy` which service does a step, `effectsOf` what the
 * sandbox's log says was done for a key.
 */
const stories = new Map([orderFulfilment, refund, paymentRecovery, echo].map((story) => [story.definition, story]));

export function storyOf(definition) {
  return stories.get(definition);
}

/** Whether a case can be made to happen outside of virtual time: its fate can be given, and its message can be watched for. */
export function isReal({ definition, scenario, boundary, fault }) {
  const story = stories.get(definition);
  if (!story || scenario.endedDuring !== undefined || !canBeCanceled(definition, scenario)) return false;
  const fates = Object.entries(scenario.conducts).every(
    ([what, conduct]) => conduct === 'done' || story.conducts(what, conduct),
  );
  if (!fates || Object.keys(scenario.arrivals).length > 0) return false;
  // Time itself can't be killed or repeated, and nothing is held back on its way to somebody who has no queue of his own.
  if (boundary.label === 'time passes' || boundary.label === 'canceled') return false;
  if (fault === 'delay') return timesOut(definition, boundary);
  return fault !== 'reorder' || boundary.label !== 'start';
}

/** Steering refuses it once something runs that nothing takes back. */
function canBeCanceled(definition, { canceledDuring }) {
  if (canceledDuring === undefined) return true;
  const steps = stepsOf(definitionOf(definition));
  const begun = steps.slice(0, steps.findIndex(({ name }) => name === canceledDuring) + 1);
  return begun.every(({ optional, ways }) => optional || ways.every(({ undo }) => undo !== 'irreversible'));
}

/** Waits of days are left to virtual time. */
function timesOut(definition, { label, to }) {
  const step = stepsOf(definitionOf(definition)).find(
    ({ name }) => label.replace(/^undo of /, '').split(' ')[0] === name,
  );
  return step !== undefined && step.timeoutMs <= (to === 'orchestrator' ? ANSWER_MS_MAX : COMMAND_MS_MAX);
}
