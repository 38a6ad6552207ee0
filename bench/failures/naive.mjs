/** What one writes first: the primary, after a fixed time-out or any failure the fallback, and no memory of either. */
export function openNaive(url, timeoutMs) {
  const call = async (model, prompt) => {
    const response = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: prompt }] }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return (await response.json()).choices[0].message.content;
  };
  return {
    ask: (prompt) => call('primary', prompt).catch(() => call('fallback', prompt)),
    close: async () => {},
  };
}
