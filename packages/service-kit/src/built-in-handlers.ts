import type { Type } from '@nestjs/common';
import { SwitchAgentOfThisService } from './agents/switch-agent.handler.js';
import { DiscardDeadLetterOfThisService } from './dead-letters/discard-dead-letter.handler.js';
import { RedriveDeadLetterOfThisService } from './dead-letters/redrive-dead-letter.handler.js';
import { ForgetSubject } from './erasure/forget-subject.handler.js';

/** Handlers of what any service may be asked or told; every service with a store has them without listing them. */
export const builtInHandlers: readonly Type[] = [
  DiscardDeadLetterOfThisService,
  RedriveDeadLetterOfThisService,
  ForgetSubject,
  SwitchAgentOfThisService,
];
