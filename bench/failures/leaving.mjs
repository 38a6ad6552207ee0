export const runCancellations = () => {};
export const runDepartures = () => {};
