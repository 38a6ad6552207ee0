/** How good it is what a step, a word or a call tells. */
export type Tone = 'neutral' | 'good' | 'bad' | 'limited' | 'waiting';
