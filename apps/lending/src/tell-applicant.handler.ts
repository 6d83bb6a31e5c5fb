import { Injectable } from '@nestjs/common';
import { LoanApproved } from '@towpath/contracts/lending/LoanApproved.v1';
import { LoanDeclined } from '@towpath/contracts/lending/LoanDeclined.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { Handles, type DecisionState, type QueuedHandler } from '@towpath/service-kit/handles';
import { asActOf, emit, type Emission, type Received } from '@towpath/service-kit/message';
import { Applicants } from './applicants.js';
import { creditAnalyst } from './credit-analyst.agent.js';
import { approvalMail, refusalMail } from './outcome-mail.js';

const EMITS = [SendMail] as const;
const OPTIONS = { mode: 'queued', emits: EMITS, concurrency: 4, timeoutMs: 10_000 } as const;
type Outcome = typeof LoanApproved | typeof LoanDeclined;

/** An application was decided: the applicant is told by mail, once. Nobody is when their address is gone. */
@Injectable()
@Handles(LoanApproved, OPTIONS)
@Handles(LoanDeclined, OPTIONS)
export class TellApplicant implements QueuedHandler<Outcome, typeof EMITS, string | undefined> {
  constructor(private readonly applicants: Applicants) {}

  work({ data }: Received<Outcome>): Promise<string | undefined> {
    return this.applicants.addressOf(data.applicationId);
  }

  handle(outcome: Received<Outcome>, _state: DecisionState, to: string | undefined): Emission<typeof SendMail>[] {
    if (to === undefined) return [];
    const { applicationId, applicantId, decidedBy } = outcome.data;
    const words =
      outcome.type === LoanApproved.type
        ? approvalMail(outcome.data as LoanApproved)
        : refusalMail(outcome.data as LoanDeclined);
    const mailId = `loan-outcome_${applicationId}`;
    const about = { mailId, recipientId: applicantId, to, inReplyTo: null, approvalHash: null };
    const asked = emit(SendMail, { ...about, ...words });
    // What a rule or a person decided stands on their word; else the agent that had a hand in it asks.
    return [decidedBy === 'rules' || decidedBy === 'person' ? asked : asActOf(creditAnalyst, asked)];
  }
}
