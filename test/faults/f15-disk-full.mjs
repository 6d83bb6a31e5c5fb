import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** Bytes after which a file may not grow; far below every log segment under load. */
const FILE_BYTES_MAX = 65_536;
const REFUSAL_MS_MAX = 20_000;

/**
 * No file of the broker, then of the database, may grow: writes fail as on a full disk (EFBIG in place of ENOSPC), which needs
 * neither a mount nor root. Both give up by themselves; freed, they are started on their data.
 */
export const diskFull = {
  id: 'F15',
  about: 'the files of the broker, then those of the database can not grow; freed, and started again',
  holds: 'refusals instead of acknowledgements; nothing acknowledged is lost',
  async inject(world, { expect, note }) {
    const { stack } = world.platform;
    limitFiles([stack.pids.kafka]);
    const refused = await world.until(async () => !stack.kill('kafka', 'SIGCONT'), REFUSAL_MS_MAX, 50);
    expect(refused, 'the broker went on although its files could not grow');
    await stack.restart('kafka');
    await world.pause(3_000);
    const rows = await world.inspector.query('select pid from pg_stat_activity', []);
    limitFiles([stack.pids.postgres, ...rows.map(({ pid }) => pid)]);
    const before = world.traffic.accepted.size;
    const stuck = await world.until(() => standsStill(world), REFUSAL_MS_MAX, 100);
    expect(stuck, 'the stores went on although the files of the database could not grow');
    note(`${world.traffic.accepted.size - before} deliveries taken while the database could not write`);
    await stack.restart('postgres');
  },
};

/** Whether no store appends anything for a second, or none can be read. */
async function standsStill(world) {
  const read = () => world.positions().then(JSON.stringify, () => 'unreadable');
  const before = await read();
  await world.pause(1_000);
  return (await read()) === before;
}

function limitFiles(pids) {
  for (const pid of pids) {
    try {
      // Only its own user may limit a process. The soft limit alone; whoever is started next has the old one.
      const { uid, gid } = statSync(`/proc/${pid}`);
      execFileSync('prlimit', ['--pid', String(pid), `--fsize=${FILE_BYTES_MAX}:`], { stdio: 'pipe', uid, gid });
    } catch (error) {
      const hasEnded = error.code === 'ENOENT' || /No such process/i.test(String(error.stderr));
      if (!hasEnded) throw error;
    }
  }
}
