import type { DeclaredAct } from '@towpath/agents/agent';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { MAIL_CHARS_MAX } from './outcome-mail.js';

/**
 * What an analysis may lead to outside: the outcome, to the applicant alone. The words are fixed and in code; the limits hold whatever
 * becomes of them.
 */
export const LENDING_ACTS: readonly DeclaredAct[] = [
  {
    command: SendMail,
    policy: {
      scope: 'mail:send',
      accepts: 'untrusted',
      limits: [
        { kind: 'own', field: 'recipientId', subject: 'applicantId' },
        { kind: 'text', field: 'text', charsMax: MAIL_CHARS_MAX },
      ],
    },
  },
];
