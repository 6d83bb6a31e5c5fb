import { delivered, Triage } from '../triage.fixture.js';
import { BodyInvalid } from './fields.js';
import { rolesFor } from './operator-command.js';
import { sagaCommands } from './saga-commands.js';

const asked = { sagaId: 'order-fulfilment-order_789', step: 'ship', reason: 'the carrier is back', actor: 'mallory' };
const names = Object.keys(sagaCommands) as (keyof typeof sagaCommands)[];

describe('what people ask of a saga', () => {
  it.each(names)('%s is a command of who signed, whoever the body names', (name) => {
    const { contract, data } = sagaCommands[name].build(asked, 'ada');
    expect(contract.name).toBe(name);
    expect(data).toMatchObject({ sagaId: asked.sagaId, actor: 'ada', reason: asked.reason });
  });

  it.each(names)('%s takes a reason and a saga', (name) => {
    expect(() => sagaCommands[name].build({ ...asked, reason: '' }, 'ada')).toThrow(BodyInvalid);
    expect(() => sagaCommands[name].build({ ...asked, sagaId: undefined }, 'ada')).toThrow(BodyInvalid);
  });

  it('names the step that is tried again or skipped', () => {
    for (const name of ['RetrySagaStep', 'SkipSagaStep'] as const) {
      expect(sagaCommands[name].build(asked, 'ada').data).toHaveProperty('step', 'ship');
      expect(() => sagaCommands[name].build({ ...asked, step: null }, 'ada')).toThrow(BodyInvalid);
    }
  });

  it('becomes the command of its saga once it is signed in a role that may', () => {
    const by = { source: 'operator', provider: 'operator', actor: 'ada' };
    const triage = new Triage();
    triage.deliver(delivered('d1', { type: 'SkipSagaStep', data: asked }, { ...by, role: 'support-lead' }));
    expect(triage.of('delivery-d1')[0]).toMatchObject(['DeliveryRefused', { code: 'ROLE_NOT_ALLOWED' }]);
    triage.deliver(delivered('d2', { type: 'SkipSagaStep', data: asked }, { ...by, role: 'supervisor' }));
    const { sagaId, step, reason } = asked;
    expect(triage.of(`saga-command-${sagaId}`)).toEqual([['SkipSagaStep', { sagaId, step, reason, actor: 'ada' }]]);
  });

  it('lets only those above the teams skip', () => {
    expect(rolesFor(sagaCommands.SkipSagaStep, {})).toEqual(['supervisor', 'admin']);
    expect(rolesFor(sagaCommands.CancelSaga, {})).toContain('support-lead');
  });
});
