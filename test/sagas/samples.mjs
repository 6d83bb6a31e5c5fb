/** What the events that begin sagas hold on virtual time, where made-up values would not do; by definition. */
export const samples = {
  echo: { refuses: null },
};
