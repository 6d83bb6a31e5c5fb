const DIRECTIONS = ['to-server', 'to-client', 'both'];

/** Bytes vanish and connections stay open, so that only a time-out tells. */
export const blackholes = {
  id: 'F13',
  about:
    'broker, database and provider swallow bytes in one direction or both, 4 s each (--long: 60 s for one of them)',
  holds: 'time-outs fire; nothing waits for ever; no half-done commit',
  // The clients' own time-outs are part of it: nobody tells them that the wire works again.
  recoveryMsMax: 15_000,
  async inject(world, { note }) {
    const turn = Math.floor(world.random() * 3);
    const longest = Math.floor(world.random() * 3);
    for (const [index, [name, proxy]] of Object.entries(world.proxies).entries()) {
      const direction = DIRECTIONS[(index + turn) % 3];
      const ms = world.long && index === longest ? 60_000 : 4_000;
      proxy.set({ kind: 'blackhole', direction });
      await world.pause(ms);
      proxy.heal();
      note(`${name} ${direction} ${ms} ms`);
    }
  },
};
