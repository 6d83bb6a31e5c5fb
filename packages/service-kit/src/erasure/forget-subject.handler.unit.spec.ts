import { RedriveDeadLetter } from '@towpath/contracts/platform/RedriveDeadLetter.v1';
import { encode } from '@towpath/contracts/codec';
import { SubjectErased } from '@towpath/contracts/platform/SubjectErased.v1';
import { projection } from '@towpath/event-store/projection';
import { deadLetterSubject, sealLetter } from '@towpath/event-store/sealed-letter';
import type { Erasure } from '@towpath/event-store/vault';
import type { DecisionState } from '../handles.js';
import type { Received } from '../message.js';
import { ForgetSubject } from './forget-subject.handler.js';
import { OwnData } from './own-data.js';

const KEY = Buffer.alloc(32, 7);
const purchases = projection<number>({
  name: 'purchases',
  keysOf: () => [],
  evolve: (row) => row,
  personal: { keysOf: (subject) => [subject] },
});
const shops = projection<number>({ name: 'shops', keysOf: () => [], evolve: (row) => row });

/** A service with these dead letters, of which it still has the keys but for those named in `gone`. */
class Service {
  readonly erased: string[] = [];
  readonly handler: ForgetSubject;

  constructor(
    letters: readonly { id: string; detail?: string; value?: Buffer; archived?: true }[],
    gone: readonly string[] = [],
  ) {
    const rows = letters.map(({ id, detail = 'nothing', value = Buffer.alloc(0), archived }, index) => {
      const letter = {
        deadLetterId: id,
        detail,
        stack: null,
        messageValue: value.toString('base64'),
        messageKey: null,
      };
      const data = archived ? null : sealLetter(letter, KEY);
      return { position: String(index + 1), stream: `dead-letter-${id}`, data };
    });
    const store = {
      query: async <Row>(_name: string, _text: string, [after]: readonly unknown[]) =>
        rows.filter(({ position }) => Number(position) > Number(after)).slice(0, 2) as Row[],
      heldDepths: async () => [{ lane: 'queued' as const, messages: 3, oldestSeconds: 1 }],
    };
    const lost = new Set(gone.map((deadLetterId) => deadLetterSubject({ deadLetterId })));
    const vault = {
      keysFor: async (subjects: Iterable<string>) =>
        new Map([...subjects].map((subject) => [subject, lost.has(subject) ? null : KEY])),
      eraseDeadLetters: async (_erasure: Erasure, ids: readonly string[]) => void this.erased.push(...ids),
    };
    this.handler = new ForgetSubject('spec', new OwnData(store, vault, [purchases, shops]));
  }

  async forget(subject: string, rows: readonly string[] = []) {
    const data = { erasureId: 'er_1', subject, names: [subject, 'pi_1'] } as unknown as SubjectErased;
    const message = { data } as Received<typeof SubjectErased>;
    const state = {
      now: new Date(5),
      row: ({ name }: { name: string }) => (rows.includes(name) ? 1 : undefined),
    } as unknown as DecisionState;
    expect(this.handler.reads(message)).toEqual({ rows: [purchases.at(subject)] });
    const found = await this.handler.work(message, { signal: new AbortController().signal, state, firstTry: true });
    return this.handler.handle(message, state, found).map(({ data: said }) => said);
  }
}

describe('a service that forgets a person', () => {
  it('destroys the keys of exactly those dead letters that name the person or its payments', async () => {
    const command = { deadLetterId: 'x', service: 'cus_1', edited: null, actor: 'ada', reason: 'why' };
    const service = new Service(
      [
        { id: 'a', value: Buffer.from('{"customer":"cus_1"}') },
        { id: 'b', value: Buffer.from('{"customer":"cus_12"}') },
        { id: 'c', detail: 'payment pi_1 has no open review' },
        { id: 'd', value: encode(RedriveDeadLetter, command) },
        { id: 'e', value: Buffer.from('cus_1') },
      ],
      ['e'],
    );
    expect(await service.forget('cus_1')).toMatchObject([{ deadLetters: 3 }]);
    expect(service.erased).toEqual(['a', 'c', 'd']);
  });

  it('destroys the keys of those past their time, whoever they name: only the archive holds them', async () => {
    const service = new Service(
      [{ id: 'old', archived: true }, { id: 'gone', archived: true }, { id: 'young' }],
      ['gone'],
    );
    expect(await service.forget('cus_1')).toMatchObject([{ deadLetters: 0, expiredLetters: 1 }]);
    expect(service.erased).toEqual(['old']);
  });

  it('says which rows it had and how many others wait, itself not among them', async () => {
    const [said] = await new Service([]).forget('cus_1', ['purchases', 'shops']);
    expect(said).toEqual({
      forgottenId: 'spec:cus_1',
      ...{ erasureId: 'er_1', subject: 'cus_1', service: 'spec' },
      ...{ rows: ['purchases'], deadLetters: 0, expiredLetters: 0, waiting: 2, forgottenAt: 5 },
    });
  });

  it('answers although it had nothing', async () => {
    expect(await new Service([]).forget('cus_1')).toMatchObject([{ rows: [], deadLetters: 0 }]);
  });
});
