import type { LearnedScore } from '../learned-score.js';

/** The weights as the source file that the service reads them from: typed, reviewed in a diff, shipped like any code. */
export function asModule({ version, base, trained, steps }: LearnedScore): string {
  const tables = Object.entries(steps).map(([name, table]) => {
    if (table.length === 0) return `    '${name}': [],`;
    if (table.length === 1) return `    '${name}': [${pair(table[0]!)}],`;
    return `    '${name}': [\n${table.map((step) => `      ${pair(step)},\n`).join('')}    ],`;
  });
  return `import type { LearnedScore } from './learned-score.js';

/** Written by \`npm run train -w apps/fraud\`; never edited by hand. */
export const WEIGHTS: LearnedScore = {
  version: '${version}',
  base: ${base},
  trained: {
    rows: ${trained.rows},
    frauds: ${trained.frauds},
    fromDay: ${trained.fromDay},
    toDay: ${trained.toDay},
    data: '${trained.data}',
  },
  steps: {
${tables.join('\n')}
  },
};
`;
}

function pair([from, points]: readonly [number, number]): string {
  return `[${from}, ${points}]`;
}
