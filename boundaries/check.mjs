import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { rules } from './rules.mjs';

/** Fewer modules than this mean that the parser read nothing, which would pass every rule. */
const MODULES_MIN = 100;

/** What breaks the rules below `root`: one line each, with the rule, both ends and why. */
export async function violations(root, folders) {
  const { output } = await cruise(
    folders.filter((folder) => existsSync(join(root, folder))),
    {
      baseDir: root,
      ruleSet: { forbidden: rules.map((rule) => ({ severity: 'error', ...rule })) },
      validate: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '(^|/)dist/' },
      tsPreCompilationDeps: 'specify',
      enhancedResolveOptions: {
        exportsFields: ['exports'],
        conditionNames: ['types', 'import', 'node', 'default'],
        extensions: ['.ts', '.mjs', '.js', '.json'],
        extensionAlias: { '.js': ['.ts', '.js'] },
      },
    },
  );
  const lines = output.summary.violations.map(({ rule, from, to }) => {
    const { comment } = rules.find(({ name }) => name === rule.name) ?? {};
    return `${rule.name}: ${from} -> ${to}\n  ${comment}`;
  });
  return { modules: output.summary.totalCruised, lines };
}

if (process.argv[1] === import.meta.filename) {
  const root = resolve(import.meta.dirname, '..');
  const { modules, lines } = await violations(root, ['apps', 'packages', 'infra']);
  for (const line of lines) console.error(line);
  if (modules < MODULES_MIN) console.error(`only ${modules} modules were read; the TypeScript parser is missing`);
  console.log(`boundaries: ${modules} modules, ${rules.length} rules, ${lines.length} violations`);
  process.exitCode = lines.length > 0 || modules < MODULES_MIN ? 1 : 0;
}
