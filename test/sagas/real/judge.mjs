/** Holds an instance to what its end promises, by what was really done outside. */
export async function judged(stack, instance) {
  const { one, key, hit, failed, end, tries, story } = instance;
  const all = await Promise.all([...tries, { key, end }].map((one) => judgedOne(stack, story, one)));
  const violations = [
    ...(failed === undefined ? [] : [failed]),
    ...(hit ? [] : ['its message never came']),
    ...all.flatMap((each) => each.violations),
  ];
  const doubleEffects = all.reduce((sum, each) => sum + each.doubles, 0);
  return {
    name: one.name,
    definition: one.definition,
    keys: all.map((each) => each.key),
    end: end ?? 'stuck',
    doubleEffects,
    violations,
  };
}

async function judgedOne(stack, story, { key, end }) {
  const effects = await story.effectsOf(stack, key);
  const doubles = effects.filter(({ done, undone }) => done > 1 || undone > 1 || undone > done);
  const standing = effects.filter(({ done, undone }) => done > undone).map(({ step }) => step);
  const violations = [
    ...(end === undefined ? ['it did not end'] : []),
    ...doubles.map(({ step, done, undone }) => `${step} was done ${done} times and undone ${undone} times`),
    ...(end === 'compensated' ? standing.map((step) => `${step} was not taken back`) : []),
    ...(end === 'completed'
      ? effects.filter(({ done, undone }) => done - undone !== 1).map(({ step }) => `${step} was not done`)
      : []),
  ];
  return { key, violations, doubles: doubles.length + (end === 'compensated' ? standing.length : 0) };
}
