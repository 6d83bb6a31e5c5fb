import { Injectable } from '@nestjs/common';
import { FormCompleted } from '@towpath/contracts/customers/FormCompleted.v1';
import { erased } from '@towpath/event-store/cipher';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Received } from '@towpath/service-kit/message';
import { qualify, QUALIFYING, readsToQualify, type Qualifying } from './qualify.js';
import { SalesDesk } from './sales-desk.js';

type Message = Received<typeof FormCompleted>;

/** Somebody filled in a form: they become a lead, scored and with a rep, in the moment they ask. */
@Injectable()
@Handles(FormCompleted, { emits: QUALIFYING, decrypts: true })
export class QualifyForm implements Handler<typeof FormCompleted, typeof QUALIFYING> {
  constructor(private readonly desk: SalesDesk) {}

  reads({ data }: Message): Reads {
    return readsToQualify(data.contactId, this.desk);
  }

  handle({ data }: Message, state: DecisionState): Qualifying[] {
    if (data.email === erased) return [];
    const { submissionId: signalId, form: code, completedAt: signaledAt, ...told } = data;
    const signal = { ...told, signalId, kind: 'form', code, signaledAt, product: null, plan: null, count: null };
    return qualify(signal, this.desk, state);
  }
}
