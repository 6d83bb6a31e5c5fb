import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { erased } from '@towpath/event-store/cipher';
import { emit, type Emission } from '@towpath/service-kit/message';
import type { LetterText } from './recovery-letter.js';

/** The letter as one e-mail. Its id follows from what it is for, so that the same letter asked for twice is one to whoever looks. */
export function mailTo(
  { accountId, email }: { readonly accountId: string; readonly email: string },
  mailId: string,
  { subject, text }: LetterText,
): Emission<typeof SendMail> {
  return emit(SendMail, {
    ...{ mailId, recipientId: accountId, to: email, subject, text },
    ...{ inReplyTo: null, approvalHash: null },
  });
}

/** An address that can be written to; that of an erased person reads `erased`. */
export function readableAddress(email: string | null): string | null {
  return email === erased ? null : email;
}
