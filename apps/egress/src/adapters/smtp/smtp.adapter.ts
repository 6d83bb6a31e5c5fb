import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { defineAdapter, defineTool } from '../../adapter.js';
import { ticketTarget } from '../../ticket-target.js';
import { SmtpProvider } from './smtp-provider.js';

const count = (fallback: number) => z.coerce.number().int().positive().default(fallback);

const settings = z.object({
  /** smtps://host, smtp://host:587 (STARTTLS is demanded), or smtp://127.0.0.1:PORT of the sandbox's sink */
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).default('smtp://127.0.0.1:18025'),
  SMTP_USER: z.string().optional(),
  SMTP_PASSWORD: secret(z.string().min(1)).optional(),
  /** address in whose name we write; its domain is that of Message-IDs */
  SMTP_FROM: z.email().default('support@towpath.example'),
  SMTP_CALL_MS_MAX: count(30_000),
  SMTP_CALLS_PER_SECOND: z.coerce.number().positive().default(5),
  SMTP_CONCURRENCY: count(4),
  SMTP_BREAKER_FAILURES: count(5),
  SMTP_BREAKER_OPEN_MS: count(10_000),
  SMTP_GIVE_UP_MS: count(900_000),
});

export type SmtpSettings = z.output<typeof settings>;

/**
 * E-mail. A mail server takes no keys and can't be asked: a message whose end was lost is never sent again by itself, a
 * person settles it.
 */
export const smtp = defineAdapter({
  provider: 'smtp',
  settings,
  tools: [
    defineTool({
      command: SendMail,
      subjectType: 'message',
      target: ({ mailId, recipientId }) => ({ subjectId: mailId, accountId: recipientId }),
    }),
    defineTool({ command: SendTicketReply, subjectType: 'ticket', target: ticketTarget('email') }),
  ],
  open: (values, around) => new SmtpProvider(values, around),
});
