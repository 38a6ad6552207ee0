import type { Command, RequestDetail, Session } from '../protocol.ts';

/** What the server refused, in its own words. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A page of another origin cannot send this header without asking first, and is refused then. */
const OURS = { 'x-llm-router-inspector': '1' };

async function ask<T>(path: string, method: 'GET' | 'POST' | 'DELETE', body?: object): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: { ...OURS, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new RefusedError(response.status, messageIn(text) ?? `status ${response.status}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

function messageIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { readonly error?: { readonly message?: string } }).error?.message;
  } catch {
    return undefined;
  }
}

export const session = (): Promise<Session> => ask('session', 'GET');
/** Trades the admin key for a cookie. */
export const signIn = (key: string): Promise<Session> => ask('session', 'POST', { key });
export const signOut = (): Promise<Session> => ask('session', 'DELETE');
export const control = (model: string, command: Command): Promise<void> => ask('control', 'POST', { model, command });
export const requestDetail = (id: string): Promise<RequestDetail> => ask(`requests/${encodeURIComponent(id)}`, 'GET');
