/** Free of validators, so that pages may import them. */
export const CHAPTERS_MAX = 500;
export const CUTS_MAX = 200;
