import { SHOWN } from './figures.mjs';

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const cell = ({ hits, total, share, low, high }) =>
  `${hits} of ${total}, ${percent(share)} (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)})`;
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function sectionOf({ title, about, figures, levels }) {
  const { rows, falseHitsOf, medians, missed } = figures;
  const missedLines = missed.map(
    ({ a, b, kind, similarity }) => `- ${kind}, ${similarity.toFixed(2)}: “${a}” and “${b}”`,
  );
  return `## ${title}

${about}

${table(
  ['threshold', 'guard', 'hits on paraphrases', 'false hits on near-copies', 'true hits that the guard costs'],
  rows.map(({ threshold, level, hits, falseHits, cost }) => [
    threshold.toFixed(2),
    `\`${level}\``,
    cell(hits),
    cell(falseHits),
    percent(cost),
  ]),
)}

False hits at ${SHOWN}, by what the two prompts differ in:

${table(
  ['kind', ...levels.map((level) => `\`${level}\``)],
  falseHitsOf.map(({ kind, byLevel }) => [kind, ...byLevel.map(({ hits, total }) => `${hits} of ${total}`)]),
)}

Similarity, whatever the guard says of it:

${table(
  ['kind', 'pairs', 'median cosine'],
  medians.map(({ kind, pairs, median }) => [kind, String(pairs), median.toFixed(3)]),
)}

${missedLines.length === 0 ? `None of its near-copies is served at ${SHOWN} and \`standard\`.` : `Its near-copies that are served at ${SHOWN} and \`standard\`:\n\n${missedLines.join('\n')}`}
`;
}

/** The page of the reference, in whole. */
export function pageOf({ sections, original, model, machine, times }) {
  const verdicts = Object.entries(original.verdicts).map(
    ([level, reason]) => `\`${level}\`: ${reason === null ? 'may share' : `\`${reason}\``}`,
  );
  return `# How right the semantic cache is

Written by \`npm run bench:cache-quality\`; do not edit.

A semantic hit gives one prompt the answer of another. It is right when both ask the same, and wrong when they only look
alike. This page says how often each happens, on sets of pairs of prompts that were written by hand: **paraphrases**, which
should share an answer, and **near-copies**, which differ in a word or two and must not.

## How to read it

The similarity of two prompts is the cosine of their embeddings. It sees what a prompt is about, and hardly sees what it
says about it: it knows little of the order of words, of "not", and of which number it is. So near-copies are often *more*
alike than paraphrases, and no threshold parts the two. That is why a guard stands behind it, which compares the words of
both prompts and turns a hit into a miss when something speaks against it. It never makes a hit. Its levels:

| \`guard\` | a hit becomes a miss when the prompts |
|---|---|
| \`off\` | never |
| \`core\` | differ in numbers, units, times, negation, a word and its opposite, what they quote, or code |
| \`standard\` | do that, or name different things, ask for different things (when, why), have the same words in other roles (from X to Y), or each have a word of weight that the other lacks; or one narrows down what the other asks ("for children") |
| \`strict\` | do that, or one has a word of weight that the other lacks |

- A *hit* counts when the cosine reaches the threshold and the guard says nothing.
- In brackets: the interval of Wilson at 95 %. A hundred pairs leave a wide one; so "none of 188" means "less than 2 %",
  not "never".
- The last column says how many of the true hits without a guard are lost with it.
- The near-copies are far harder than traffic: nearly all pairs of real prompts differ in much more than a word. A share of
  false hits here is not the share of wrong answers in use. It compares levels and thresholds, and bounds the bad case.
- The guard was made with English in mind. In other languages \`standard\` lets only pass what has no word of weight more on
  either side, and much of what \`core\` looks for goes unseen.

## What it cannot see

The guard knows words, not the world. Known to pass at every level: who is I, me and you ("I lent Ann money", "Ann lent me
money"), "every other day" beside "every day", and two numbers that have changed places ("in round 1, number 2", "in round 2,
number 1"). Known to pass at \`standard\`: an adjective that only one prompt has ("a
laptop", "a cheap laptop"). A word that its tables hold as a synonym may not be one in your field. Where a wrong answer
costs something, use \`strict\` or have each first hit verified.

## The original's pair

“${original.a}” and “${original.b}” have a cosine of ${original.similarity.toFixed(3)}: ${original.similarity >= SHOWN ? 'a hit' : 'a miss'} at ${SHOWN},
${original.similarity >= 0.85 ? 'a hit' : 'a miss'} at 0.85. The guard says, ${verdicts.join(', ')}.

${sections.map(sectionOf).join('\n')}
## How it was measured

${model}. A verdict at \`strict\` takes ${times.short} µs for the prompts of the first set and ${times.long} µs for two of 250 words that differ in
nothing the guard minds (the fastest of many runs in one process). ${machine}
`;
}
