import type { Contract } from '@towpath/contracts/contract';
import type { Adapter, Surroundings, Target, Tool } from './adapter.js';
import type { Breaker, Provider } from './provider.js';
import { Slots } from './slots.js';

/** Where a command goes. */
export interface Route extends Target {
  readonly provider: string;
}

/** The provider that carries out a command, and what about; undefined when no adapter takes it. */
export function routeOf(adapters: readonly Adapter[], command: Contract['type'], data: unknown): Route | undefined {
  for (const { provider, tools } of adapters) {
    for (const tool of tools.filter((one) => one.command.type === command)) {
      const target = tool.target(data);
      if (target) return { provider, ...target };
    }
  }
  return undefined;
}

/** The tool behind an effect, if there still is one. */
export function toolOf(adapters: readonly Adapter[], provider: string, action: string): Tool | undefined {
  const adapter = adapters.find((one) => one.provider === provider);
  return adapter?.tools.find(({ command }) => command.type === action);
}

/** The opened ways to all third parties, each with its own bulkhead. */
export class Providers {
  private readonly opened = new Map<string, { readonly provider: Provider; readonly slots: Slots }>();

  constructor(providers: Iterable<readonly [name: string, provider: Provider]>) {
    for (const [name, provider] of providers)
      this.opened.set(name, { provider, slots: new Slots(provider.concurrency) });
  }

  /** @param config the settings of all adapters, read by their schemas */
  static open(adapters: readonly Adapter[], config: unknown, around: (provider: string) => Surroundings): Providers {
    return new Providers(adapters.map((one) => [one.provider, one.open(config, around(one.provider))] as const));
  }

  of(name: string): { readonly provider: Provider; readonly slots: Slots } | undefined {
    return this.opened.get(name);
  }

  get breakers(): readonly Breaker[] {
    return [...this.opened.values()].flatMap(({ provider }) => provider.breakers);
  }

  async close(): Promise<void> {
    await Promise.all([...this.opened.values()].map(({ provider }) => provider.close()));
  }
}
