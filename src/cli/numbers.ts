import { InvalidArgumentError } from 'commander';

/** Reads a flag's value. @throws {InvalidArgumentError} */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Accepted: an integer from ${least} to ${most}.`);
  };
}
