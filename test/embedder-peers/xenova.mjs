// A module in this folder, so that the package is looked for here.
export * from '@xenova/transformers';
