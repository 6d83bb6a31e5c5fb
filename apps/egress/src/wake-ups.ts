/** Lets work sleep until something happens to what it is about, or its time is over. */
export class WakeUps {
  private readonly sleepers = new Map<string, Set<() => void>>();

  sleep(keys: readonly string[], ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        for (const key of keys) this.forget(key, wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      for (const key of keys) this.remember(key, wake);
    });
  }

  wake(key: string): void {
    for (const wake of [...(this.sleepers.get(key) ?? [])]) wake();
  }

  wakeAll(): void {
    for (const key of [...this.sleepers.keys()]) this.wake(key);
  }

  private remember(key: string, wake: () => void): void {
    const sleepers = this.sleepers.get(key);
    if (sleepers) sleepers.add(wake);
    else this.sleepers.set(key, new Set([wake]));
  }

  private forget(key: string, wake: () => void): void {
    const sleepers = this.sleepers.get(key);
    sleepers?.delete(wake);
    if (sleepers?.size === 0) this.sleepers.delete(key);
  }
}
