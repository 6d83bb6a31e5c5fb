import { Inject, Injectable, Optional } from '@nestjs/common';
import { MODEL_GATEWAY } from '@towpath/agents/agents.module';
import { noModel, type ModelGateway } from '@towpath/agents/model-gateway';
import { CONFIG } from '@towpath/service-kit/platform';
import type { FraudConfig } from './config.js';
import { RULES, type Rules } from './rules.js';
import { rulesFrom } from './rules-from.js';

/** By what this service judges: which rules, and whether somebody can be asked about a payment in the grey zone. */
export interface Judging {
  readonly rules: Rules;
  readonly asks: boolean;
}

/** The rules of this version, and nobody to ask: the analysts' score decides at once. */
export const BY_RULES_ALONE: Judging = { rules: RULES, asks: false };

/** What the settings say. Throws RULES_INVALID, so that the service does not start with rules it can't read. */
@Injectable()
export class Judge implements Judging {
  readonly rules: Rules;
  readonly asks: boolean;

  constructor(
    @Inject(CONFIG) { FRAUD_RULES }: Pick<FraudConfig, 'FRAUD_RULES'>,
    @Optional() @Inject(MODEL_GATEWAY) gateway: ModelGateway & { readonly mode?: string } = noModel,
  ) {
    this.rules = rulesFrom(FRAUD_RULES);
    this.asks = gateway !== noModel && gateway.mode !== 'off';
  }
}
