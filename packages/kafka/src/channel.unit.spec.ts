import { Channel } from './channel.js';

describe('channel', () => {
  it('holds its writer back at the capacity and goes on when the reader takes', async () => {
    const channel = new Channel<number>(2);
    await channel.push(1);
    await channel.push(2);
    let pushed = false;
    const third = channel.push(3).then(() => (pushed = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(pushed).toBe(false);
    const reader = channel[Symbol.asyncIterator]();
    expect((await reader.next()).value).toBe(1);
    await third;
    channel.end();
    expect([(await reader.next()).value, (await reader.next()).value, (await reader.next()).done]).toEqual([
      2,
      3,
      true,
    ]);
  });

  it('tells a writer that nobody reads any more', async () => {
    const channel = new Channel<number>(1);
    await channel.push(1);
    const blocked = channel.push(2);
    channel.end();
    expect(await blocked).toBe(false);
    expect(await channel.push(3)).toBe(false);
  });

  it('gives the reader the failure after what came before it', async () => {
    const channel = new Channel<string>(5);
    await channel.push('a');
    channel.end(new Error('broken'));
    const reader = channel[Symbol.asyncIterator]();
    expect((await reader.next()).value).toBe('a');
    await expect(reader.next()).rejects.toThrow('broken');
  });
});
