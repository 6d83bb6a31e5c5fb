import { Injectable } from '@nestjs/common';
import { ProductTriggerFired } from '@towpath/contracts/customers/ProductTriggerFired.v1';
import { erased } from '@towpath/event-store/cipher';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Received } from '@towpath/service-kit/message';
import { qualify, QUALIFYING, readsToQualify, type Qualifying } from './qualify.js';
import { SalesDesk } from './sales-desk.js';

type Message = Received<typeof ProductTriggerFired>;

/** A product saw something that sales should hear of: the same as a form, told by what somebody does. */
@Injectable()
@Handles(ProductTriggerFired, { emits: QUALIFYING, decrypts: true })
export class QualifyTrigger implements Handler<typeof ProductTriggerFired, typeof QUALIFYING> {
  constructor(private readonly desk: SalesDesk) {}

  reads({ data }: Message): Reads {
    return readsToQualify(data.contactId, this.desk);
  }

  handle({ data }: Message, state: DecisionState): Qualifying[] {
    if (data.email === erased) return [];
    const { triggerId: signalId, trigger: code, firedAt: signaledAt, ...told } = data;
    const unknown = { jobTitle: null, employees: null, interests: [], message: null };
    return qualify({ ...told, ...unknown, signalId, kind: 'product', code, signaledAt }, this.desk, state);
  }
}
