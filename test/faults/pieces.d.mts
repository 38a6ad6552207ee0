export declare const PIECES: number;
export declare const BROKEN_AFTER: number;
export declare function piecesOf(model: string): string[];
export declare function figuresOf(model: string): { readonly prompt: number; readonly completion: number };
