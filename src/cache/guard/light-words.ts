import { stem } from './stem.ts';

const stems = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/).map(stem));

/** Words that frame a question and say nothing of what is asked about: "Tell me about X", "Explain what X is", "X?" */
export const FRAME_WORDS = stems(`
explain explanation describe description clarify elaborate tell show give provide mean meaning
definition define overview introduction intro information info detail help assist want wish know understand wonder
idea way approach procedure proper reason thing possible able question following consider various exist happen advice
`);

/** Verbs with so little meaning that another phrasing often does without: "use X to do Y", "do Y with X". */
export const LIGHT_VERBS = stems('use get take work need require go come try');
