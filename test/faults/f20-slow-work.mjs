/** Work that takes longer than a consumer's session must not cost the consumer its place. */
export const slowWork = {
  id: 'F20',
  about: 'each call to the provider takes 8 s for 8 s (--long: 60 s calls), longer than the session of the group',
  holds: 'commands are taken all the while; one call per effect',
  // The calls that are under way end first.
  recoveryMsMax: 20_000,
  async inject(world, { expect, note }) {
    await world.sandbox.behave({ latencyMs: world.long ? 60_000 : 8_000 });
    await world.pause(3_000);
    const before = await world.positions();
    await world.pause(5_000);
    const after = await world.positions();
    expect(after.egress > before.egress, 'egress took no command while calls were under way');
    note(`egress appended ${after.egress - before.egress} events while calls hung`);
    await world.sandbox.behave();
  },
};
