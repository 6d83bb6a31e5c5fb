import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalPlatform } from '@towpath/cli/local/platform';
import type { Stack } from '@towpath/stack/stack';
import { until } from '@towpath/stack/until';

const END_MS_MAX = 30_000;

/** A backup of a server's files, which may take their place later: what a restore to an earlier time is. */
export class ServerFiles {
  private readonly data: string;
  private readonly copy: string;

  constructor(private readonly platform: Pick<LocalPlatform, 'home'> & { readonly stack: Stack }) {
    this.data = join(platform.home, 'postgres', 'data');
    this.copy = join(platform.home, 'postgres', 'copy');
  }

  /** A base backup, with the server down for it: only then its files are a consistent copy. Nothing may be connected. */
  async backUp(): Promise<void> {
    // With owners and modes, which Postgres insists on.
    await this.whileDown(() => execFileSync('cp', ['-a', this.data, this.copy]));
  }

  /** The server comes back as it was when it was backed up. */
  async setBack(): Promise<void> {
    await this.whileDown(() => {
      rmSync(this.data, { recursive: true });
      renameSync(this.copy, this.data);
    });
  }

  private async whileDown(change: () => void): Promise<void> {
    const { stack } = this.platform;
    const pid = stack.pids.postgres ?? 0;
    stack.kill('postgres', 'SIGINT');
    if (!(await until(() => Promise.resolve(!isAlive(pid)), END_MS_MAX, 50))) throw new Error('the server did not end');
    change();
    await stack.restart('postgres');
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
