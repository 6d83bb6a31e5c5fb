import type { CreditAnalyzed } from '@towpath/contracts/lending/CreditAnalyzed.v1';
import { POLICY } from './policy.js';
import { SCORECARD } from './scorecard.js';

/** The versions of what decides. */
export const RULE_VERSIONS: CreditAnalyzed['ruleVersions'] = [
  { name: 'scorecard', version: SCORECARD.version },
  { name: 'policy', version: POLICY.version },
];
