export function runnable(markdown: string): string[];
export function expected(code: string): string[];
