import type { Rep, Team } from './team.js';

/** Where a lead goes: to a rep with its load after it, or nowhere for now. */
export type Route =
  | { readonly rep: Rep; readonly load: number; readonly because: string }
  | { readonly rep: null; readonly because: string };

/**
 * The rep of the lead's territory who has most room: the smallest share of the capacity, then the fewest leads, then the name. Nobody gets
 * more than their capacity; a rep who had the lead before gets it no more.
 * @param loadOf leads that a rep has now
 */
export function route(
  { reps }: Pick<Team, 'reps'>,
  territory: string,
  loadOf: (rep: string) => number,
  tried: readonly string[] = [],
): Route {
  const own = reps.filter(({ territories }) => territories.includes(territory));
  if (own.length === 0) return { rep: null, because: `nobody has the territory ${territory}` };
  const untried = own.filter(({ name }) => !tried.includes(name));
  if (untried.length === 0) return { rep: null, because: `every rep of ${territory} had it before` };
  const free = untried
    .map((rep) => ({ rep, before: loadOf(rep.name) }))
    .filter(({ rep, before }) => before < rep.capacity)
    .sort(
      (one, other) =>
        one.before / one.rep.capacity - other.before / other.rep.capacity ||
        one.before - other.before ||
        (one.rep.name < other.rep.name ? -1 : 1),
    );
  const [best] = free;
  if (!best) return { rep: null, because: `every rep of ${territory} has as many leads as they take` };
  const { rep, before } = best;
  const because = `${territory}: ${before} of ${rep.capacity} leads, the most room of ${free.length} with any`;
  return { rep, load: before + 1, because };
}
