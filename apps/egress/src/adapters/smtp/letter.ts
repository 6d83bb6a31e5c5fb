import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { dataOf } from '../../effect-data.js';
import { Unsendable } from '../../failed-call.js';
import type { OpenEffect } from '../../ledger.projection.js';

/** What goes into one e-mail. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly inReplyTo: string | null;
}

/** The e-mail that an effect asks for; throws Unsendable. */
export function letterOf(effect: OpenEffect): Letter {
  const letter = effect.action === SendMail.type ? mail(effect) : reply(effect);
  // One address and no more: a list, or a line break, would send to somebody nobody decided on.
  if (!/^[^\s@,;<>"]{1,64}@[^\s@,;<>"]{1,253}$/.test(letter.to))
    throw new Unsendable('ADDRESS_INVALID', 'the recipient is not one e-mail address');
  return letter;
}

function mail(effect: OpenEffect): Letter {
  const { to, subject, text, inReplyTo } = dataOf(SendMail, effect);
  return { to, subject, text, inReplyTo };
}

function reply(effect: OpenEffect): Letter {
  const { toAddress, subject, body, inReplyTo } = dataOf(SendTicketReply, effect);
  if (toAddress === null) throw new Unsendable('ADDRESS_MISSING', 'a reply by e-mail needs toAddress');
  return { to: toAddress, subject: subject ?? 'Your message', text: body, inReplyTo };
}

/** RFC 5322, 3.6.4. The same for every call of an effect, so that a mailbox that got it twice would show it once. */
export function messageIdOf(effectId: string, from: string): string {
  return `<${effectId}@${from.slice(from.lastIndexOf('@') + 1)}>`;
}
