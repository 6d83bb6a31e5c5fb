import { hash, randomBytes, randomUUID } from 'node:crypto';
import { openInspector } from '@towpath/event-store/inspect';
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import { dayOf } from '@towpath/event-store/types';
import { paymentEvent } from './payment.mjs';

const contract = {
  type: 'bench.v1.PaymentSucceeded',
  ...{ name: 'PaymentSucceeded', kind: 'event', topic: 'bench.events', stream: 'payment', key: 'paymentId' },
  ...{ producers: ['bench'], retention: 'forever', pii: [], prompt: {}, doc: 'benchmark', schema: {} },
};

/** Towpath's store as a service uses it: set up by set-up, written by the service role, nothing left out. */
export class StoreSide {
  name = 'towpath';
  /** what each stream's writer knows of its version */
  versions = new Map();

  static async open({ adminUrl, writers }) {
    const password = randomBytes(12).toString('hex');
    await setupDatabase({
      adminUrl,
      services: ['bench'],
      contracts: [contract],
      passwords: { bench_service: password },
      slot: null,
    });
    const url = Object.assign(new URL(adminUrl), { username: 'bench_service', password }).href;
    return new StoreSide(openStore({ url, schema: 'bench', poolSize: writers }), adminUrl);
  }

  constructor(store, adminUrl) {
    this.store = store;
    this.adminUrl = adminUrl;
  }

  /** What the pipeline commits for one message with one event. */
  async write(stream) {
    const event = paymentEvent(stream);
    const expectedVersion = this.versions.get(stream) ?? 0;
    await this.store.commitGroup({
      consumer: 'bench',
      inbox: [{ eventId: randomUUID(), day: dayOf(event.occurredAt), fingerprint: hash('sha256', event.id, 'buffer') }],
      events: [{ ...event, expectedVersion }],
    });
    this.versions.set(stream, expectedVersion + 1);
  }

  async rows() {
    const counted = await this.store.query(
      'count',
      'select (select count(*) from events) as events, (select count(*) from inbox) as inbox',
      [],
    );
    const { events, inbox } = counted[0];
    if (events !== inbox) throw new Error(`BENCH_WRONG: ${events} events but ${inbox} inbox rows`);
    return Number(events);
  }

  /** Mismatches in the chain of one stream that was written. */
  async mismatchesOf(stream) {
    const inspector = openInspector({ url: this.adminUrl });
    try {
      return await Array.fromAsync(inspector.verify({ schema: 'bench', stream }));
    } finally {
      await inspector.close();
    }
  }

  close() {
    return this.store.close();
  }
}
