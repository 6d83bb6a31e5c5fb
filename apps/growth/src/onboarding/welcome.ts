import { WelcomeMailFailed } from '@towpath/contracts/growth/WelcomeMailFailed.v1';
import { WelcomeMailSent } from '@towpath/contracts/growth/WelcomeMailSent.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { mailsAsked } from '../asked.js';
import { stepState, type Step } from './step.js';

/** The mail that welcomes a customer. */
export const welcome = {
  command: SendMail,
  asked: mailsAsked,
  state: stepState('welcome-mail', WelcomeMailSent, WelcomeMailFailed),
  prefix: 'welcome_',
} as const satisfies Step;
