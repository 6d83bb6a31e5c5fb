/** A reason why the service can not work now, or undefined when it can. */
export type Check = () => string | undefined | Promise<string | undefined>;

/** What `/readyz` asks. Dependencies belong here and never into `/livez`: a restart does not mend a broker. */
export class Readiness {
  private readonly checks = new Map<string, Check>();
  private stopping = false;

  add(name: string, check: Check): void {
    this.checks.set(name, check);
  }

  /** From now on the service is not ready, whatever its checks say. */
  stop(): void {
    this.stopping = true;
  }

  /** Every check with its reason; `ready` when none has one. */
  async state(): Promise<{ ready: boolean; checks: Record<string, string> }> {
    const checks: Record<string, string> = {};
    for (const [name, check] of this.checks) checks[name] = (await reasonOf(check)) ?? 'ok';
    if (this.stopping) checks['shutdown'] = 'stopping';
    return { ready: Object.values(checks).every((reason) => reason === 'ok'), checks };
  }
}

async function reasonOf(check: Check): Promise<string | undefined> {
  try {
    return await check();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
