import { orderFulfilment } from './order-fulfilment.mjs';
import { refund } from './refund.mjs';
import { echo } from './echo.mjs';

/**
 * How instances of a definition run on the real stack: `begin` starts one with the fate of its scenario, `conducts` says which fates
 * the stand-ins can be given, `servedBy` which service does a step, `effectsOf` what the sandbox's log says was done for a key.
 */
const stories = new Map([orderFulfilment, refund, echo].map((story) => [story.definition, story]));

export function storyOf(definition) {
  return stories.get(definition);
}

/** Whether a case can be made to happen outside of virtual time: its fate can be given, and its message can be watched for. */
export function isReal({ definition, scenario, boundary, fault }) {
  const story = stories.get(definition);
  if (!story || scenario.endedDuring !== undefined) return false;
  if (scenario.canceledDuring !== undefined && !story.waitsAt(scenario.canceledDuring)) return false;
  const fates = Object.entries(scenario.conducts).every(
    ([what, conduct]) => conduct === 'done' || story.conducts(what, conduct),
  );
  if (!fates || Object.keys(scenario.arrivals).length > 0) return false;
  // Time itself can't be killed or repeated, and nothing is held back on its way to somebody who has no queue of his own.
  if (boundary.label === 'time passes' || boundary.label === 'canceled') return false;
  if (fault === 'delay') return boundary.to === 'orchestrator' && story.timesOut(boundary.label);
  return fault !== 'reorder' || boundary.label !== 'start';
}
