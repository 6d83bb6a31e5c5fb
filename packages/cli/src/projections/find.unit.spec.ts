import { projectionCalled, projectionIn } from './find.js';

const all = [
  { service: 'fraud', name: 'accounts' },
  { service: 'support', name: 'accounts' },
  { service: 'support', name: 'tickets' },
];

describe('a projection', () => {
  it('is found by its name, when it is one service’s alone', () => {
    expect(projectionIn(all, 'tickets')).toEqual({ service: 'support', name: 'tickets' });
  });

  it('of a name that several services have is asked back for, with the names that tell them apart', () => {
    expect(() => projectionIn(all, 'accounts')).toThrow('say fraud/accounts or support/accounts');
  });

  it('that nobody declares is refused with those that there are', () => {
    expect(() => projectionIn(all, 'account')).toThrow('there are fraud/accounts, support/accounts, support/tickets');
  });

  it('is not looked for in two services at once', async () => {
    await expect(projectionCalled('fraud/accounts', 'support')).rejects.toThrow('is none of support');
  });
});
