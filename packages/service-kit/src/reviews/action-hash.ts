import { hash } from 'node:crypto';
import { canonicalJson } from '@towpath/event-store/canonical-json';

/** What a person is asked to agree to. */
export interface ProposedAction {
  /** imperative, such as CapturePayment or SendTicketReply */
  readonly action: string;
  /** everything that the effect would be made with: amount, address, text */
  readonly arguments: object;
  /** what speaks for and against it; names nobody */
  readonly evidence: object;
}

/**
 * SHA-256 in hex over the RFC 8785 text of action, arguments and evidence. When any of them changes, it is another action, and what was
 * decided of the first does not hold for it.
 */
export function actionHash({ action, arguments: given, evidence }: ProposedAction): string {
  return hash('sha256', canonicalJson({ action, arguments: given, evidence }), 'hex');
}

/** SHA-256 in hex of an edited text; null when there is none. */
export function textHash(text: string | null): string | null {
  return text === null ? null : hash('sha256', text, 'hex');
}
