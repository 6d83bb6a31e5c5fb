import type { Type } from '@nestjs/common';
import { DiscardDeadLetterOfThisService } from './dead-letters/discard-dead-letter.handler.js';

/** Handlers of the commands on platform.commands; every service with a store has them without listing them. */
export const builtInHandlers: readonly Type[] = [DiscardDeadLetterOfThisService];
