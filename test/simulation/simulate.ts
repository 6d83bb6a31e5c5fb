import fc from 'fast-check';

/** Schedules per machine; fewer while one looks for something. */
const runs = Number(process.env['SIMULATION_RUNS'] ?? 10_000);
/** `<seed>` or `<seed>:<path>` as a failure has printed it; each schedule follows from it alone. */
const [seed, ...path] = (process.env['SIMULATION_SEED'] ?? '').split(':').filter((part) => part !== '');

/**
 * Plays `play` over that many random schedules, each made of `steps`, and shrinks the first that breaks what it throws
 * for. The failure names the command that plays exactly this schedule again.
 */
export function simulate<Step>(
  file: string,
  steps: fc.Arbitrary<Step>,
  stepsMax: number,
  play: (steps: readonly Step[]) => void,
): void {
  const details = fc.check(fc.property(fc.array(steps, { minLength: 1, maxLength: stepsMax, size: 'max' }), play), {
    numRuns: runs,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path.length === 0 ? {} : { path: path.join(':') }),
  });
  if (!details.failed) return;
  const replay = `SIMULATION_SEED=${details.seed}:${details.counterexamplePath} npm test -- --selectProjects unit --testPathPatterns 'simulation/${file}'`;
  throw new Error(
    `${(details.errorInstance as Error).message}\nsteps: ${fc.stringify(details.counterexample)}\nreplay: ${replay}`,
  );
}

/** Fails the schedule. */
export function hold(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`broken: ${invariant}`);
}
