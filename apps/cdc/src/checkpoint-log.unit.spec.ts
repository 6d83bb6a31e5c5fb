import { checkpointKey, signStatement, statementHash } from '@towpath/event-store/checkpoint';
import { stateOf } from './checkpoint-log.js';

const key = checkpointKey('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
const cluster = '7/1';

function signed(number: number) {
  const statement = {
    ...{ format: 'towpath-checkpoint/1' as const, log: 'relay', number, previous: null, baseline: 1, cluster },
    ...{ from: '0', before: '9', leaves: 1, root: '', stores: [], signedAt: '', keyId: key.id },
  };
  return { log: 'relay', number, ...signStatement(statement, key) };
}

describe('where the checkpoints of a log continue', () => {
  const said: string[] = [];
  const logger = {
    error: (fields: object) => said.push((fields as { code: string }).code),
    warn: () => said.push('anew'),
  };
  const state = (topic?: number, row?: number, now = cluster) =>
    stateOf(topic === undefined ? undefined : signed(topic), row === undefined ? undefined : signed(row), now, logger);

  beforeEach(() => void (said.length = 0));

  it('is the beginning when nothing was signed', () => {
    expect(state()).toEqual({ last: undefined, anew: true, unpublished: undefined });
  });

  it('is behind the last one, when topic and database agree', () => {
    expect(state(4, 4)).toMatchObject({
      last: { hash: statementHash(signed(4).statement) },
      anew: false,
      unpublished: undefined,
    });
    expect(said).toEqual([]);
  });

  it('is behind one that a killed relay signed and did not publish, which goes out first', () => {
    expect(state(3, 4)).toMatchObject({ last: { statement: { number: 4 } }, anew: false, unpublished: { number: 4 } });
    expect(state(undefined, 1)).toMatchObject({ unpublished: { number: 1 } });
    expect(said).toEqual([]);
  });

  it('is behind the last that was ever signed when the topic lost some, with an alert', () => {
    expect(state(2, 4)).toMatchObject({ last: { statement: { number: 4 } }, anew: false, unpublished: undefined });
    expect(said).toEqual(['CHECKPOINTS_MISSING']);
  });

  it('begins anew behind the topic when the database was set back or is another', () => {
    expect(state(5, 3)).toMatchObject({ last: { statement: { number: 5 } }, anew: true });
    expect(state(5, undefined)).toMatchObject({ last: { statement: { number: 5 } }, anew: true });
    expect(state(5, 5, '8/1')).toMatchObject({ last: { statement: { number: 5 } }, anew: true });
    expect(said).toEqual(['anew', 'anew', 'anew']);
  });
});
