import { SalesAlerted } from '@towpath/contracts/growth/SalesAlerted.v1';
import { SalesAlertFailed } from '@towpath/contracts/growth/SalesAlertFailed.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { noticesAsked } from '../asked.js';
import { stepState, type Step } from './step.js';

/** The word to sales that somebody signed up. */
export const salesAlert = {
  command: PostNotice,
  asked: noticesAsked,
  state: stepState('sales-alert', SalesAlerted, SalesAlertFailed),
  prefix: 'signup_',
} as const satisfies Step;
