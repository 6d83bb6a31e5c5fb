import { HAND_SET_WEIGHTS } from './hand-set-weights.js';
import { RULES, rulesWith, type Rules } from './rules.js';

/** Rules that a backtest can be asked to judge by, by name; `current` are those of the service. */
export const RULE_SETS: Readonly<Record<string, Rules>> = {
  v1: rulesWith(HAND_SET_WEIGHTS),
  v2: RULES,
  current: RULES,
};
