import { add, override, parseAssignment, parsePath, remove, type Body } from './paths.js';

const body = (): Body => ({
  type: 'charge.succeeded',
  data: {
    object: { id: 'ch_1', amount: 100, captured: false, metadata: { ip: '1.1.1.1' }, list: ['a', 'b'], none: null },
  },
});
const object = (of: Body): Body => (of['data'] as { object: Body }).object;
const set = (of: Body, text: string): Body => {
  override(of, parseAssignment(text, 'charge'));
  return object(of);
};

describe('paths', () => {
  it.each([
    ['data.object.amount', ['data', 'object', 'amount']],
    ['charge:amount', ['data', 'object', 'amount']],
    ['charge:metadata[ip]', ['data', 'object', 'metadata', 'ip']],
    ['charge:list.0.name', ['data', 'object', 'list', '0', 'name']],
  ])('read %s', (text, path) => {
    expect(parsePath(text, 'charge')).toEqual(path);
  });

  it.each(['', 'charge:', 'a..b', 'charge:a[]', '__proto__.x', 'charge:__proto__.x'])('refuse %j', (text) => {
    expect(() => parsePath(text, 'charge')).toThrow('is no path');
  });

  it('refuse another object than the event is about', () => {
    expect(() => parsePath('payment_intent:amount', 'charge')).toThrow('about a charge, not a payment_intent');
  });

  it('refuse an assignment without a value', () => {
    expect(() => parseAssignment('charge:amount', 'charge')).toThrow('is not path=value');
  });
});

describe('override', () => {
  it('takes JSON as such and anything else as text', () => {
    const changed = body();
    set(changed, 'charge:amount=5000');
    set(changed, 'data.object.captured=true');
    set(changed, 'charge:customer=cus_1');
    set(changed, 'charge:none={"a":[1]}');
    expect(object(changed)).toMatchObject({ amount: 5000, captured: true, customer: 'cus_1', none: { a: [1] } });
  });

  it('keeps a text a text, and everything in metadata', () => {
    const changed = body();
    set(changed, 'charge:id=123');
    set(changed, 'charge:metadata.age=42');
    expect(object(changed)).toMatchObject({ id: '123', metadata: { ip: '1.1.1.1', age: '42' } });
  });

  it('makes what leads to a new place, lists for numbers', () => {
    const changed = body();
    set(changed, 'charge:a.b.0.c=1');
    expect(object(changed)['a']).toEqual({ b: [{ c: 1 }] });
  });

  it('changes one item of a list and refuses a word as its place', () => {
    expect(set(body(), 'charge:list.1=c')['list']).toEqual(['a', 'c']);
    expect(() => set(body(), 'charge:list.x=c')).toThrow('no place in a list');
  });

  it('keeps an equals sign in the value', () => {
    expect(set(body(), 'charge:note=a=b')['note']).toBe('a=b');
  });
});

describe('add and remove', () => {
  const added = (text: string): Body => {
    const changed = body();
    add(changed, parseAssignment(text, 'charge'));
    return object(changed);
  };

  it('add where nothing is, and append to a list', () => {
    expect(added('charge:email=a@b.example')['email']).toBe('a@b.example');
    expect(added('charge:none=1')['none']).toBe(1);
    expect(added('charge:list=c')['list']).toEqual(['a', 'b', 'c']);
  });

  it('refuse to add over a value', () => {
    expect(() => added('charge:amount=1')).toThrow('use --override');
  });

  it('take away a field, a nested one and an item of a list', () => {
    const changed = body();
    for (const path of ['charge:amount', 'charge:metadata.ip', 'charge:list.0', 'charge:not.there']) {
      remove(changed, parsePath(path, 'charge'));
    }
    expect(object(changed)).toEqual({ id: 'ch_1', captured: false, metadata: {}, list: ['b'], none: null });
  });
});
