import fc from 'fast-check';
import { loadTeam } from './reps-file.js';
import { route } from './route.decider.js';
import { territoryOf, type Rep } from './team.js';

const rep = (name: string, capacity: number, ...territories: string[]): Rep => {
  return { name, capacity, territories, channel: `#${name}` };
};
const team = { reps: [rep('anna', 2, 'north'), rep('bob', 4, 'north', 'south'), rep('cleo', 1, 'south')] };
const to = (territory: string, loads: Record<string, number> = {}, tried: string[] = []) =>
  route(team, territory, (name) => loads[name] ?? 0, tried);

describe('the rep of a lead', () => {
  it('is of its territory and has most room for their capacity', () => {
    expect(to('north')).toMatchObject({ rep: { name: 'anna' }, load: 1 });
    expect(to('north', { anna: 1, bob: 1 })).toMatchObject({ rep: { name: 'bob' }, load: 2 });
    expect(to('south', { bob: 1, cleo: 0 })).toMatchObject({ rep: { name: 'cleo' } });
  });

  it('is nobody who had it before, and nobody when all are full or the territory is nobody’s', () => {
    expect(to('north', {}, ['anna'])).toMatchObject({ rep: { name: 'bob' } });
    expect(to('north', {}, ['anna', 'bob'])).toMatchObject({ rep: null, because: 'every rep of north had it before' });
    expect(to('south', { bob: 4, cleo: 1 })).toMatchObject({
      rep: null,
      because: expect.stringContaining('as many leads'),
    });
    expect(to('west')).toMatchObject({ rep: null, because: 'nobody has the territory west' });
  });

  it('never gets more leads than they take, and all places are used before one waits', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('north', 'south'), { maxLength: 12 }), (leads) => {
        const loads: Record<string, number> = {};
        for (const territory of leads) {
          const found = to(territory, loads);
          if (found.rep) loads[found.rep.name] = found.load;
          else
            for (const one of team.reps.filter(({ territories }) => territories.includes(territory)))
              expect(loads[one.name]).toBe(one.capacity);
        }
        for (const { name, capacity } of team.reps) expect(loads[name] ?? 0).toBeLessThanOrEqual(capacity);
      }),
    );
  });
});

describe('the team that is shipped', () => {
  it('has a rep in every territory, and knows Norway from no', () => {
    const shipped = loadTeam();
    expect(territoryOf(shipped, 'NO')).toBe('nordics');
    expect(territoryOf(shipped, 'JP')).toBe('world');
    expect(territoryOf(shipped, null)).toBe('world');
    for (const territory of [...Object.keys(shipped.territories), shipped.otherwise]) {
      expect(route(shipped, territory, () => 0).rep).not.toBeNull();
    }
  });
});
