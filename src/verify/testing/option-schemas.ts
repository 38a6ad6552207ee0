import { z } from 'zod';
import { wholeFrom } from '../../options.ts';
import { PRIORITY_CLASSES } from '../../queue/priority.ts';

/** A function of any parameters. */
export const aFunction = z
  .custom<(...args: never[]) => unknown>((value) => typeof value === 'function')
  .describe('a function');

/** A count, or no bound. */
export const countOrInfinity = z
  .custom<number>(
    (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= 0),
  )
  .describe('an integer of 0 or more, or Infinity');

const wordOf = (words: readonly string[]) => z.enum(words as [string, ...string[]]).describe(words.join(', '));

const alphabetSchema = z
  .strictObject({
    requests: z.array(
      z
        .strictObject({ priority: wordOf(PRIORITY_CLASSES), metadata: z.looseObject({}).optional() })
        .describe('{ priority, metadata? }'),
    ),
    outcomes: z.array(wordOf(['succeeded', 'failed', 'refused', 'ignored', 'rate_limited'])),
    cancels: z.boolean().describe('true or false'),
    operator: z.array(
      wordOf(['pause', 'resume', 'drain', 'breaker.force_open', 'breaker.force_closed', 'breaker.reset']),
    ),
    maxPending: wholeFrom(0).optional(),
  })
  .describe('an object with requests, outcomes, cancels, operator, maxPending');

export const alphabetOption = alphabetSchema.optional();

/** Of whatever holds routers against a policy. */
export const preparedOptions = {
  createRouter: aFunction.optional(),
  small: z.boolean().describe('true or false').optional(),
  alphabet: alphabetOption,
};

/** Of whatever makes choices. */
export const maxMsOption = wholeFrom(0).optional();
