import { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { OnboardingDeadlinePassed } from '@towpath/contracts/growth/OnboardingDeadlinePassed.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { DiscardDeadLetter } from '@towpath/contracts/platform/DiscardDeadLetter.v1';
import { RedriveDeadLetter } from '@towpath/contracts/platform/RedriveDeadLetter.v1';
import { Handles } from '../handles.js';
import { consumerTables, type DeclaredConsumers } from './consumer-tables.js';
import { reaction } from './reaction.js';
import { runningConsumers } from './running-consumers.js';

@Handles(CustomerSignedUp, { emits: [SendMail] })
class Greet {
  handle() {
    return [];
  }
}

@Handles(CustomerSignedUp)
class Count {
  handle() {
    return [];
  }
}

@Handles(OnboardingDeadlinePassed)
class Wait {
  handle() {
    return [];
  }
}

@Handles(OnboardingDeadlinePassed)
class WaitToo {
  handle() {
    return [];
  }
}

const consumers = [
  { name: 'growth', topics: ['platform.commands'] },
  { name: 'growth.greet', reaction: 'greet', topics: ['customers.events', 'platform.commands'] },
  { name: 'growth.count', reaction: 'count', topics: ['customers.events', 'platform.commands'] },
];
const declared: DeclaredConsumers = {
  ...{ name: 'growth', consumers, handlers: [] },
  reactions: [reaction('greet', Greet), reaction('count', Count, Wait)],
};
const tables = (over: Partial<DeclaredConsumers> = {}) =>
  consumerTables({ ...declared, ...over }, (handler) => new handler());

describe('the consumer groups of a service with reactions', () => {
  it('each handle what is theirs: one event may have a handler in each', () => {
    const [own, greet, count] = tables();
    expect(own!.handlers.size).toBe(0);
    expect(greet!.handlers.get(CustomerSignedUp.type)?.name).toBe('Greet');
    expect(count!.handlers.get(CustomerSignedUp.type)?.name).toBe('Count');
  });

  it('each redrive and discard the dead letters of their own handlers, the first also those of handlers that are gone', () => {
    const [own, greet, count] = tables();
    for (const { type } of [RedriveDeadLetter, DiscardDeadLetter]) {
      expect(greet!.handlers.has(type)).toBe(true);
      expect(count!.handlers.has(type)).toBe(true);
    }
    const owners = (handler: string) => [own, greet, count].map((one) => one!.letters.owns(handler));
    expect(owners('Greet')).toEqual([false, true, false]);
    expect(owners('Count')).toEqual([false, false, true]);
    expect(owners('Gone')).toEqual([true, false, false]);
  });

  it('are what services.yaml names, or the service does not start', () => {
    expect(() => tables({ reactions: [reaction('greet', Greet)] })).toThrow(
      /services\.yaml gives growth a reaction count/,
    );
    const more = [...declared.reactions, reaction('thank', Greet)];
    expect(() => tables({ reactions: more })).toThrow(/reaction thank is not in services\.yaml; add it to growth/);
  });

  it('share no handler, whose decisions would have the same ids, and no timer, which fires once', () => {
    const shared = [reaction('greet', Greet), reaction('count', Greet)];
    expect(() => tables({ reactions: shared })).toThrow(/Greet is in two reactions/);
    const timers = [reaction('greet', Greet, WaitToo), reaction('count', Count, Wait)];
    expect(() => tables({ reactions: timers })).toThrow(/OnboardingDeadlinePassed is handled in two reactions/);
  });

  it('read what their own handlers take', () => {
    const blind = consumers.map((one) => ({ ...one, topics: ['platform.commands'] }));
    expect(() => tables({ consumers: blind })).toThrow(/Greet handles customers\.v1\.CustomerSignedUp/);
  });
});

describe('the setting CONSUMERS', () => {
  it('names the groups that a process runs; without it, it runs all', () => {
    expect(runningConsumers(undefined, consumers)).toBeUndefined();
    expect(runningConsumers('growth.greet, growth', consumers)).toEqual(['growth.greet', 'growth']);
  });

  it('refuses a name that is none', () => {
    expect(() => runningConsumers('growth.greed', consumers)).toThrow(
      'CONSUMERS: growth.greed is none of growth, growth.greet, growth.count',
    );
  });
});
