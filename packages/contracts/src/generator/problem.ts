/** Something in the sources that must not be built. */
export interface Problem {
  /** relative to packages/contracts */
  readonly file: string;
  readonly problem: string;
  /** what to change, and where */
  readonly fix: string;
}

/** One paragraph per problem, in order of file. */
export function printProblems(problems: readonly Problem[]): string {
  const lines = [...problems]
    .sort((a, b) => (a.file === b.file ? 0 : a.file < b.file ? -1 : 1))
    .map(({ file, problem, fix }) => `${fileFromRoot(file)}\n  problem: ${problem}\n  fix:     ${fix}`);
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return `${lines.join('\n')}\n${count} in the contracts; nothing was written.`;
}

/** Paths that a person can open from the root of the repository. */
export function fileFromRoot(file: string): string {
  return file.startsWith('../../') ? file.slice('../../'.length) : `packages/contracts/${file}`;
}
